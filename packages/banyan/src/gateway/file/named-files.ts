import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { BanyanError, messageOf } from '../../kernel/errors.ts'
import { Authorities, KeyPair, type KeyPairSources } from '../../security/key-pair.ts'
import type { GatewayDocument } from './document.ts'
import { pathText, type Path } from './pointer.ts'
import type { ReadOptions } from './read-options.ts'

const DAY_MS = 86_400_000
/** Days before its end that a certificate is warned of. */
const WARNING_DAYS = 14

/** What the files of a certificate and of its key came to. */
export interface ReadKeyPair {
  readonly pair: KeyPair
  /** Why it is not what they hold now, but what they held before. */
  readonly fault?: string
}

/** Takes down what is wrong, and where. */
type Note = (path: Path, message: string) => void

/** The files that a gateway file names. What is wrong with them is noted where they are named. */
export class NamedFiles {
  readonly #document: GatewayDocument
  readonly #directory: string
  readonly #options: Pick<ReadOptions, 'reads' | 'mayHaveExpired' | 'pairBefore'>

  constructor(document: GatewayDocument, directory: string, options: Pick<ReadOptions, 'reads' | 'mayHaveExpired' | 'pairBefore'>) {
    this.#document = document
    this.#directory = directory
    this.#options = options
  }

  /** `undefined` where they are no pair and were none before, which is noted. */
  keyPair(files: KeyPairSources, path: Path): ReadKeyPair | undefined {
    const faults: { readonly path: Path; readonly message: string }[] = []
    const pair = this.#keyPair(files, path, (where, message) => void faults.push({ path: where, message }))
    if (pair && faults.length === 0) return { pair }
    const before = this.#options.pairBefore?.(files)
    for (const fault of faults) {
      if (before) this.#document.warn(fault.path, `${fault.message}. The one before it, which expires on ${lastDay(before)}, stays in use`)
      else this.#document.reject(fault.path, fault.message)
    }
    return before && { pair: before, fault: faults.map((fault) => `${pathText(fault.path)} ${fault.message}`).join('; ') }
  }

  /** `undefined` where they are none, which is noted. */
  authorities(ca: string, path: Path): Authorities | undefined {
    const note: Note = (where, message) => this.#document.reject(where, message)
    const text = this.#text(ca, path, note)
    return text === undefined ? undefined : made(path, () => new Authorities(text, ca), note)
  }

  /** Where one lies that is read elsewhere; it is followed as the others are. */
  place(name: string): string {
    const file = resolve(this.#directory, name)
    this.#options.reads?.(file)
    return file
  }

  #keyPair(files: KeyPairSources, path: Path, note: Note): KeyPair | undefined {
    const at = [...path, 'certificate']
    const cert = this.#text(files.certificate, at, note)
    const key = this.#text(files.key, [...path, 'key'], note)
    if (cert === undefined || key === undefined) return undefined
    const pair = made(at, () => new KeyPair(cert, key, { certificate: files.certificate, key: files.key }), note)
    if (pair) this.#checkExpiry(pair, at, note)
    return pair
  }

  #text(name: string, path: Path, note: Note): string | undefined {
    const file = this.place(name)
    try {
      return readFileSync(file, 'utf8')
    } catch (error) {
      const why = messageOf(error)
      note(path, `is ${this.#document.quote(path, name)}, which cannot be read: ${why}; it is the path of a PEM file, from the folder of this one`)
      return undefined
    }
  }

  #checkExpiry(pair: KeyPair, path: Path, note: Note): void {
    const left = pair.expires.getTime() - Date.now()
    if (left > WARNING_DAYS * DAY_MS) return
    const { certificate } = pair.sources
    if (left > 0) return this.#document.warn(path, `is '${certificate}', which expires on ${lastDay(pair)}; have it renewed`)
    const message = `is '${certificate}', which has expired on ${lastDay(pair)}: nobody will trust it; have it renewed`
    if (this.#options.mayHaveExpired?.(pair.fingerprint) ?? true) this.#document.warn(path, message)
    else note(path, message)
  }
}

function made<Made>(path: Path, make: () => Made, note: Note): Made | undefined {
  try {
    return make()
  } catch (error) {
    if (!BanyanError.is(error)) throw error
    note(path, `is not good: ${error.message}`)
    return undefined
  }
}

function lastDay({ expires }: KeyPair): string {
  return expires.toISOString().slice(0, 10)
}
