import type { EdgeAnswer, EdgeRequest } from '../exchange.ts'
import type { AnswerStore } from './answer-store.ts'
import type { CacheControl } from './cache-control.ts'
import { field, lowerCased } from './fields.ts'
import type { Arrival, Fill } from './fill.ts'
import { isAbout, unconditional, validating } from './preconditions.ts'
import type { RouteCaching } from './settings.ts'
import { Spool, type SpoolLimits } from './spool.ts'
import { whyNotStored } from './storable.ts'
import { freshened, keep, type Kept, type StoredAnswer, type Times } from './stored-answer.ts'

export type Next = (request: EdgeRequest) => Promise<EdgeAnswer>

/** What asking the origin needs besides the request. */
export interface OriginParts {
  readonly store: AnswerStore
  readonly caching: RouteCaching
  readonly spooling: SpoolLimits
  /** Milliseconds of wall time, and of a clock that never steps. */
  readonly wall: () => number
  readonly steady: () => number
  readonly stored: () => void
}

/** Answers that say the origin is in trouble, not what the resource is (RFC 5861 §4). */
export function isTrouble(status: number): boolean {
  return status === 500 || status === 502 || status === 503 || status === 504
}

/** Asks the origin in the name of one request and keeps what may be kept, for as long as the fill's answer is not outdated. */
export async function askOrigin(
  fill: Fill,
  {
    request,
    control,
    next,
    stored,
  }: { readonly request: EdgeRequest; readonly control: CacheControl; readonly next: Next; readonly stored: StoredAnswer | undefined },
  parts: OriginParts,
  signal: AbortSignal,
): Promise<Arrival> {
  const ask = async (headers: EdgeRequest['headers']): Promise<readonly [EdgeAnswer, Times]> => {
    const requestedAt = parts.wall()
    const answer = await next({ ...request, headers, signal: () => signal })
    return [answer, { requestedAt, arrivedAt: parts.wall(), steadyAt: parts.steady() }]
  }
  const plain = unconditional(request.headers) as EdgeRequest['headers']
  const headers = stored ? (validating(request.headers, stored) as EdgeRequest['headers']) : plain
  let [answer, times] = await ask(headers)
  if (answer.status === 304 && stored) {
    if (isAbout(stored, lowerCased(answer.headers))) return renewed(fill, { request, control, stored, answer, times }, parts)
    ;[answer, times] = await ask(plain)
  }
  const kept = keep(fill.key, request.headers, answer, times, parts.caching)
  const why = tooLong(answer, parts) ?? whyNotStored(request, control, kept, parts.caching)
  if (stored && !isTrouble(answer.status) && (why !== undefined || kept.id !== stored.id)) await parts.store.delete(stored)
  if (why !== undefined) return { kept, why, answer, body: answer.body, originStatus: answer.status, settled: undefined }
  const shared = withoutCookies(kept)
  return { kept: shared, why: undefined, answer, originStatus: answer.status, ...received(fill, shared, answer, parts) }
}

/** The stored answer as a 304 says it is now. */
async function renewed(
  fill: Fill,
  { request, control, stored, answer, times }: { request: EdgeRequest; control: CacheControl; stored: StoredAnswer; answer: EdgeAnswer; times: Times },
  parts: OriginParts,
): Promise<Arrival> {
  const fresh = freshened(stored, request.headers, answer, times, parts.caching)
  const why = whyNotStored(request, control, fresh, parts.caching)
  const shared = { ...withoutCookies(fresh), body: stored.body }
  if (why !== undefined || shared.id !== stored.id) await parts.store.delete(stored)
  if (why === undefined && !fill.isOutdated(shared) && (await parts.store.put(shared))) parts.stored()
  return { kept: why === undefined ? shared : fresh, why, answer: undefined, body: stored.body, originStatus: 304, settled: undefined }
}

function tooLong({ headers, body }: EdgeAnswer, { caching, store }: OriginParts): string | undefined {
  const length = Buffer.isBuffer(body) ? body.length : saidLength(headers)
  return length !== undefined && length > Math.min(caching.largest, store.largest) ? 'size' : undefined
}

function saidLength(headers: EdgeAnswer['headers']): number | undefined {
  const text = field(lowerCased(headers), 'content-length')
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

/** Takes in the body and keeps it when it is whole. */
function received(fill: Fill, kept: Kept, answer: EdgeAnswer, parts: OriginParts): Pick<Arrival, 'body' | 'settled'> {
  if (answer.body === undefined || Buffer.isBuffer(answer.body)) {
    const body = answer.body ?? Buffer.alloc(0)
    return { body, settled: store(fill, kept, body, parts) }
  }
  const limits = { ...parts.spooling, largest: Math.min(parts.caching.largest, parts.store.largest) }
  const audience = { expected: () => fill.waiting, wanted: () => fill.wanted }
  const spool = new Spool(answer.body, saidLength(answer.headers), limits, audience)
  return { body: spool, settled: spool.whole.then((body) => (body === undefined ? undefined : store(fill, kept, body, parts))) }
}

async function store(fill: Fill, kept: Kept, body: Buffer, parts: OriginParts): Promise<void> {
  if (fill.isOutdated(kept)) return
  const fields = kept.fields['content-length'] === undefined && kept.status === 200 ? { ...kept.fields, 'content-length': String(body.length) } : kept.fields
  if (await parts.store.put({ ...kept, fields, body })) parts.stored()
}

function withoutCookies<K extends Kept>(kept: K): K {
  return kept.fields['set-cookie'] === undefined ? kept : { ...kept, fields: { ...kept.fields, 'set-cookie': undefined } }
}
