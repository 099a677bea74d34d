import { digestOf, type AnswerStore, type Purge } from './answer-store.ts'
import { s3Fifo } from './s3-fifo.ts'
import { sizeOf, type StoredAnswer } from './stored-answer.ts'

/** Variants of one resource above this number push out the oldest: a `Vary` on a field that is different each time must not make finding slow. */
const MOST_VARIANTS = 64
const LARGEST_SHARE = 0.1

const none: readonly StoredAnswer[] = []

/** Keeps answers in this process, `capacityBytes` at most, a single one up to a tenth of that. Evicts by S3-FIFO. */
export function memoryStore(capacityBytes: number): AnswerStore {
  const byUrl = new Map<string, readonly StoredAnswer[]>()
  const byTag = new Map<string, Set<StoredAnswer>>()
  /** Resources by digest, from the first purge on that names one so. */
  let byDigest: Map<string, string> | undefined
  const largest = Math.floor(capacityBytes * LARGEST_SHARE)
  let evicted = 0
  const kept = s3Fifo<StoredAnswer>(capacityBytes, (answer) => {
    evicted++
    unlist(answer)
  })

  function list(answer: StoredAnswer): void {
    const others = byUrl.get(answer.url)
    byUrl.set(answer.url, [...(others ?? none), answer])
    if (!others) byDigest?.set(digestOf(answer.url), answer.url)
    for (const tag of answer.tags) {
      const tagged = byTag.get(tag)
      if (tagged) tagged.add(answer)
      else byTag.set(tag, new Set([answer]))
    }
  }
  function unlist(answer: StoredAnswer): void {
    const rest = (byUrl.get(answer.url) ?? none).filter((other) => other !== answer)
    if (rest.length > 0) byUrl.set(answer.url, rest)
    else {
      byUrl.delete(answer.url)
      byDigest?.delete(digestOf(answer.url))
    }
    for (const tag of answer.tags) {
      const tagged = byTag.get(tag)
      tagged?.delete(answer)
      if (tagged?.size === 0) byTag.delete(tag)
    }
  }
  function forget(answer: StoredAnswer): void {
    kept.delete(answer.id)
    unlist(answer)
  }
  function named(digests: readonly string[]): readonly string[] {
    if (digests.length === 0) return []
    byDigest ??= new Map([...byUrl.keys()].map((url) => [digestOf(url), url]))
    return digests.flatMap((digest) => byDigest?.get(digest) ?? [])
  }
  function purged({ all, urls = [], digests = [], tags = [] }: Purge): number {
    if (all === true) {
      const count = kept.size
      kept.clear()
      byUrl.clear()
      byTag.clear()
      byDigest?.clear()
      return count
    }
    const answers = new Set([...[...urls, ...named(digests)].flatMap((url) => byUrl.get(url) ?? none), ...tags.flatMap((tag) => [...(byTag.get(tag) ?? [])])])
    for (const answer of answers) forget(answer)
    return answers.size
  }

  return {
    largest,
    find: (url) => byUrl.get(url) ?? none,
    used: (answer) => kept.touch(answer.id),
    put(answer) {
      const before = (byUrl.get(answer.url) ?? none).find(({ id }) => id === answer.id)
      if (before) unlist(before)
      const size = sizeOf(answer)
      if (size > largest) {
        kept.delete(answer.id)
        return false
      }
      kept.set(answer.id, answer, size)
      list(answer)
      const variants = byUrl.get(answer.url)!
      if (variants.length > MOST_VARIANTS) forget(variants[0]!)
      return true
    },
    delete(answer) {
      if (byUrl.get(answer.url)?.includes(answer) === true) forget(answer)
    },
    purge: purged,
    get status() {
      return { answers: kept.size, bytes: kept.weight, capacityBytes, evicted }
    },
  }
}
