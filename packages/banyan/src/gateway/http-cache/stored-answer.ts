import type { EdgeAnswer } from '../exchange.ts'
import { field, lowerCased, members, type Fields } from './fields.ts'
import { initialAge, lifetime, type Heuristic } from './freshness.ts'
import { instructions, type Instructions } from './targeted.ts'
import { tagsOf } from './tags.ts'
import { variantKey, varyNames } from './vary.ts'

/** Which resource an answer belongs to, as this gateway sees it. */
export interface ResourceKey {
  /** Host, path and query: `example.com/articles?page=2`. */
  readonly url: string
  /** The route that answered: two routes may serve one URL, told apart by method, header or query. */
  readonly scope: string
}

/** Everything about an answer but its body; never changed, only replaced. Plain data, so that a store may keep it elsewhere. */
export interface Kept extends ResourceKey {
  /** Equal where url, scope, `Vary` and what the request said in its fields are: a newer answer takes the place of an older one. */
  readonly id: string
  readonly status: number
  readonly fields: Fields
  readonly instructions: Instructions
  /** The request fields it depends on; `'*'`: cannot be known. */
  readonly vary: readonly string[] | '*'
  /** What the request said in them. */
  readonly variant: string
  /** When its age was 0, on the cache's steady clock, in milliseconds. */
  readonly bornAt: number
  readonly lifetimeMs: number
  /** Whether the answer itself says how long it is fresh. */
  readonly explicit: boolean
  readonly tags: readonly string[]
}

/** A whole answer. */
export interface StoredAnswer extends Kept {
  readonly body: Buffer
}

/** Two moments at which a request went out and its answer came in, on the wall clock, and the latter on the steady clock. Milliseconds. */
export interface Times {
  readonly requestedAt: number
  readonly arrivedAt: number
  readonly steadyAt: number
}

export interface Reading {
  /** Names of targeted fields that this cache obeys, in their order. */
  readonly targets: readonly string[]
  readonly heuristic: Heuristic
}

/** Fields that belong to one hop or to one exchange and are never kept (RFC 9111 §3.1); the age is told anew each time. */
const neverKept: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'age',
  'cache-status',
])

/** Reads an answer to a request with these fields as something that may be kept. Whether it may is for `whyNotStored` to say. */
export function keep(key: ResourceKey, request: Fields, answer: EdgeAnswer, times: Times, reading: Reading): Kept {
  return read(key, request, answer.status, lowerCased(answer.headers), times, reading)
}

function read(key: ResourceKey, request: Fields, status: number, all: Fields, times: Times, reading: Reading): Kept {
  const said = instructions(all, reading.targets)
  const { ms, explicit } = lifetime({ status, fields: all, arrivedAt: times.arrivedAt }, said, reading.heuristic)
  const vary = varyNames(all)
  const variant = vary === '*' ? '' : variantKey(vary, request)
  return {
    id: `${key.scope}\n${key.url}\n${variant}`,
    url: key.url,
    scope: key.scope,
    status,
    fields: withoutHop(all),
    instructions: said,
    vary,
    variant,
    bornAt: times.steadyAt - initialAge(all, times.requestedAt, times.arrivedAt),
    lifetimeMs: ms,
    explicit,
    tags: tagsOf(all),
  }
}

function withoutHop(all: Fields): Fields {
  const named = new Set(members(field(all, 'connection')).map((name) => name.toLowerCase()))
  const kept: Record<string, string | readonly string[] | undefined> = {}
  for (const [name, value] of Object.entries(all)) if (!neverKept.has(name) && !named.has(name)) kept[name] = value
  return kept
}

/** Fields that tell how to read the stored bytes, which a 304 or a HEAD does not change (RFC 9111 §3.2). */
const ofTheBody: ReadonlySet<string> = new Set(['content-length', 'content-encoding', 'content-md5', 'content-range'])

/** A kept answer as a 304, or a 200 to HEAD, about the same representation says it is now (RFC 9111 §4.3.4, §4.3.5). */
export function freshened(stored: StoredAnswer, request: Fields, answer: EdgeAnswer, times: Times, reading: Reading): StoredAnswer {
  const update = lowerCased(answer.headers)
  const fields: Record<string, string | readonly string[] | undefined> = { ...stored.fields }
  for (const [name, value] of Object.entries(update)) if (value !== undefined && !ofTheBody.has(name)) fields[name] = value
  // an answer without a date was made now, not when the stored one was
  if (update['date'] === undefined) delete fields['date']
  return { ...read(stored, request, stored.status, fields, times, reading), body: stored.body }
}

/** What a stored answer takes of memory, in bytes: its body, its texts and what surrounds them, estimated. */
export function sizeOf({ url, variant, fields, body, tags }: StoredAnswer): number {
  let size = 512 + body.length + 2 * (url.length + variant.length)
  for (const [name, value] of Object.entries(fields)) size += 64 + name.length + (value?.length ?? 0)
  for (const tag of tags) size += 96 + tag.length
  return size
}
