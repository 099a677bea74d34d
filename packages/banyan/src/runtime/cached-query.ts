import { hash } from 'node:crypto'
import type { Entry, Loaded } from '../cache/entry.ts'
import { noMarks, type Marks } from '../cache/marks.ts'
import type { Found, Question } from '../cache/question.ts'
import { lifetimesOf, scoped, tagOf } from '../cache/service-cache.ts'
import type { CacheGroup } from '../cache/statistics.ts'
import type { TieredCache } from '../cache/tiered-cache.ts'
import { Deadline } from '../kernel/deadline.ts'
import { milliseconds } from '../kernel/duration.ts'
import { entityTag } from '../kernel/entity-tag.ts'
import { uuidv7 } from '../kernel/id.ts'
import { canonicalJson } from '../kernel/json.ts'
import { inputJsonSchema, outputJsonSchema } from '../kernel/schema.ts'
import type { Identity } from '../model/access.ts'
import type { CachePolicy } from '../model/cache.ts'
import { declaredError, isDeclared } from '../model/declared-error.ts'
import type { AnyOperation } from '../model/operation.ts'
import type { AnswerFacts, AnswerText } from '../network/answer-facts.ts'
import type { Envelope } from '../network/envelope.ts'
import type { Session } from '../network/session.ts'
import { newTrace } from '../observe/trace.ts'

/** Runs the handler and strips what it returns to the schema. */
type Load = (envelope: Envelope) => Promise<unknown>

/** Answers from the cache, or by a load. What is in memory is answered at once. */
export type Cached = (input: unknown, envelope: Envelope, load: Load) => unknown

export interface CachedQueryParts {
  readonly operation: AnyOperation
  readonly policy: CachePolicy
  readonly cache: TieredCache
  readonly group: CacheGroup
  /** The services whose logs an answer may depend on. */
  readonly sources: readonly string[]
}

/** Keys up to this length are kept as they are. */
const LONG_KEY = 200
/** Time for a load that nobody waits for, in milliseconds. */
const REFRESH_MS = 30_000

/**
 * Answers a query from the cache. The key is the operation, its schemas and the policy's version, the tenant, the subject with its roles unless
 * the answer is shared, and the input.
 */
export function cachedQuery({ operation, policy, cache, group, sources }: CachedQueryParts): Cached {
  const { service, name, facts } = operation
  const { ttlMs, ...lifetimes } = lifetimesOf(policy)
  const notFoundMs = policy.notFound === undefined ? undefined : milliseconds(policy.notFound)
  const tagsOf = policy.tags as ((input: unknown, output: unknown) => readonly string[]) | undefined
  const start = `${service}.${name}@${versionOf(operation, policy)}`
  const own = tagOf(service)
  const session = facts.consistency === 'session'
  const tags = (input: unknown, output: unknown): readonly string[] => [own, ...scoped(service, tagsOf?.(input, output) ?? [])]

  const shared = policy.shared === true

  /** What is asked of the cache for one caller. Most are answered without a load, so what a load needs is made when there is one. */
  class Asked implements Question {
    readonly key: string
    readonly group = group
    readonly lifetimes = lifetimes
    readonly needs: Marks
    readonly deadline: Deadline
    readonly #input: unknown
    readonly #envelope: Envelope
    readonly #run: Load

    constructor(input: unknown, envelope: Envelope, run: Load) {
      this.key = keyOf(start, shared ? JSON.stringify([envelope.identity.tenant]) : ownText(envelope.identity), input)
      this.needs = session ? marksOf(envelope.session, sources) : noMarks
      this.deadline = envelope.deadline
      this.#input = input
      this.#envelope = envelope
      this.#run = run
    }

    load(): Promise<Loaded> {
      return this.#load(this.#envelope)
    }

    refresh(): Promise<Loaded> {
      return this.#load(refreshing(this.#envelope))
    }

    async #load(envelope: Envelope): Promise<Loaded> {
      const input = this.#input
      try {
        const output = await this.#run(envelope)
        return { text: JSON.stringify(output), kind: 'value', ttlMs, tags: tags(input, output) }
      } catch (error) {
        if (notFoundMs === undefined || !isDeclared(error) || error.code !== 'NotFound' || error.service !== service) throw error
        return { text: JSON.stringify(error.details), kind: 'error', ttlMs: notFoundMs, tags: tags(input, undefined) }
      }
    }
  }

  function answer(found: Found, envelope: Envelope): unknown {
    const { entry } = found
    if (entry.kind === 'error') throw declaredError(service, name, 'NotFound', JSON.parse(entry.text))
    if (envelope.caller !== undefined) return JSON.parse(entry.text) // the caller's own, as over the network
    envelope.facts = factsOf(found)
    return entry.value
  }

  return (input, envelope, run) => {
    const found = cache.ask(new Asked(input, envelope, run))
    return found instanceof Promise ? found.then((late) => answer(late, envelope)) : answer(found, envelope)
  }
}

/** What makes answers of one version of the code different from those of another. */
function versionOf({ facts: { input, output } }: AnyOperation, { version = '' }: CachePolicy): string {
  const schemas = [input && inputJsonSchema(input), output && outputJsonSchema(output), version]
  return hash('sha256', JSON.stringify(schemas), 'base64url').slice(0, 10)
}

function keyOf(start: string, whose: string, input: unknown): string {
  const rest = input === undefined ? whose : whose + canonicalJson(input)
  return start + (rest.length > LONG_KEY ? hash('sha256', rest, 'base64url') : rest)
}

const ownTexts = new WeakMap<Identity, string>()

/** All of an identity that an answer may depend on. */
function ownText(identity: Identity): string {
  let text = ownTexts.get(identity)
  if (text === undefined) {
    const { tenant, subject, roles, scopes, attributes } = identity
    text = canonicalJson([tenant, subject, [...roles].sort(), [...scopes].sort(), attributes])
    ownTexts.set(identity, text)
  }
  return text
}

function marksOf(session: Session, sources: readonly string[]): Marks {
  if (session.empty) return noMarks
  const marks: Record<string, number> = {}
  for (const source of sources) for (const [partition, position] of session.of(source) ?? []) marks[`${source}/${partition}`] = position
  return marks
}

/** The envelope of a load that nobody waits for: the same caller and the same session, with time of its own. */
function refreshing({ identity, caller, correlation, session }: Envelope): Envelope {
  const key = uuidv7()
  return {
    identity,
    caller,
    key,
    correlation,
    causation: key,
    causedBy: 'command',
    deadline: Deadline.in(REFRESH_MS),
    traceparent: newTrace(),
    session,
    signal: AbortSignal.timeout(REFRESH_MS),
    aborted: false,
  }
}

const texts = new WeakMap<Entry, AnswerText>()

function factsOf({ entry, way }: Found): AnswerFacts {
  let kept = texts.get(entry)
  if (kept === undefined) texts.set(entry, (kept = { text: entry.text, etag: entityTag(entry.text) }))
  const ageMs = performance.now() - entry.bornAt
  return { kept, way, ageMs, freshMs: entry.ttlMs - ageMs }
}
