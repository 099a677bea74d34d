import type { Readable } from 'node:stream'
import { BanyanError } from '../../kernel/errors.ts'
import type { EdgeAnswer, EdgeRequest } from '../exchange.ts'
import { NOTHING } from './cache-control.ts'
import { cacheStatus, type Handling } from './cache-status.ts'
import type { CollapseHints } from './collapse-hints.ts'
import type { CacheCounts } from './counts.ts'
import { field, lowerCased } from './fields.ts'
import type { Arrival, Fill } from './fill.ts'
import type { Fills } from './fills.ts'
import { headed } from './head.ts'
import { askOrigin, isTrouble, type OriginParts } from './origin.ts'
import { isUnmodified } from './preconditions.ts'
import type { Question } from './question.ts'
import { judge } from './reuse.ts'
import { isFor } from './select.ts'
import { served } from './serve.ts'
import type { RouteCaching } from './settings.ts'
import { Spool } from './spool.ts'
import type { Kept, StoredAnswer } from './stored-answer.ts'

/** What all routes of a cache have together. */
export interface Shared extends Omit<OriginParts, 'caching' | 'stored'> {
  readonly counts: CacheCounts
  readonly fills: Fills
  readonly hints: CollapseHints
}

export interface Forwarding {
  ask(question: Question): Promise<EdgeAnswer>
  /** Asks the origin whether a stored answer stands, while nobody waits. */
  renew(question: Omit<Question, 'insteadOfError' | 'fwd'>): void
}

const RENEWAL_MS = 60_000
const NO_BODY = Buffer.alloc(0)

/** Sends questions to the origin, one for all who would get the same answer. */
export function forwarding(shared: Shared, caching: RouteCaching): Forwarding {
  const { counts, fills, hints, steady } = shared
  const parts: OriginParts = { ...shared, caching, stored: () => void counts.stored++ }
  const status = (handling: Handling): string => cacheStatus(caching.name, handling)

  async function ask(question: Question): Promise<EdgeAnswer> {
    const { request, control, fwd } = question
    if (request.method === 'HEAD') return withStatus(await headed(question, parts), status({ fwd }))
    if (request.headers.range !== undefined) return withStatus(await question.next(request), status({ fwd, detail: 'range' }))
    // who asks for news is not served with an answer that was asked for before
    const together = fwd === 'request' || control.noStore ? undefined : idOf(question)
    const fill = together === undefined ? undefined : fills.find(together)
    if (!fill) return lead(question, together)
    const joined = await join(question, fill)
    if (joined) return joined
    // by now it is known on which fields the answer depends: others may ask for the variant that this client needs
    const again = idOf(question)
    const other = again === undefined || again === together ? undefined : fills.find(again)
    return (other && (await join(question, other))) ?? lead(question, other ? undefined : again)
  }

  function idOf({ request, key }: Pick<Question, 'request' | 'key'>): string | undefined {
    return hints.together(`${key.scope}\n${key.url}`, request.headers, steady())
  }

  async function lead(question: Question, id: string | undefined): Promise<EdgeAnswer> {
    const { request } = question
    const fill = fills.begin(question.key, { id, wanted: false })
    fill.begin((signal) => askOrigin(fill, question, parts, signal))
    void settle(fill, question)
    try {
      return await fill.wait(request.signal(), (arrival) => own(question, fill, arrival))
    } catch (error) {
      if (question.insteadOfError && question.stored && !request.signal().aborted && isFailure(error)) return instead(question, question.stored, undefined)
      throw error
    }
  }

  /** Draws from an answer what is to be known about the next, and ends the question when the answer is kept. */
  async function settle(fill: Fill, { key, control }: Pick<Question, 'key' | 'control'>): Promise<Arrival | undefined> {
    const arrival = await fill.arrival.catch(() => undefined) // who waits for it hears why
    if (arrival) {
      const { kept, why } = arrival
      const resource = `${key.scope}\n${key.url}`
      const reusable = why === undefined && judge(kept, NOTHING, steady(), caching.stale).kind !== 'validate'
      if (reusable && kept.vary !== '*') hints.shared(resource, kept.vary)
      else if (!control.noStore && !isTrouble(arrival.originStatus)) hints.alone(resource, steady())
      await arrival.settled
    }
    fills.end(fill)
    return arrival
  }

  /** The answer for the client in whose name the origin was asked. */
  function own(question: Question, fill: Fill, { kept, why, answer, body, originStatus }: Arrival): EdgeAnswer {
    const { request, stored, fwd } = question
    if (question.insteadOfError && stored && isTrouble(originStatus)) return instead(question, stored, originStatus)
    const fate: Handling = { fwd, fwdStatus: originStatus, stored: why === undefined, ttlMs: why === undefined ? left(kept) : undefined, detail: why }
    if (!answer) {
      counts.validated++
      return served(request, kept, body as Buffer, steady(), status(fate))
    }
    if (isUnmodified(request.headers, kept)) {
      fill.want() // for those who do not have it yet
      return served(request, kept, NO_BODY, steady(), status(fate))
    }
    const told = withStatus(answer, status(fate))
    if (body instanceof Spool) return { ...told, body: readBy(request, body.read()!) }
    return { ...told, body: answer.body === undefined ? undefined : fill.claim(body, request.signal()) }
  }

  /** Waits for an answer that was asked for in another's name; `undefined`: it is not for this client. */
  async function join(question: Question, fill: Fill): Promise<EdgeAnswer | undefined> {
    const { request, stored, insteadOfError } = question
    try {
      return await fill.wait(request.signal(), (arrival) => share(question, fill, arrival))
    } catch (error) {
      if (request.signal().aborted) throw error
      if (insteadOfError && stored && isFailure(error)) return instead(question, stored, undefined)
      // these are about the origin; others may be about who asked
      if (BanyanError.is(error, 'unavailable') || BanyanError.is(error, 'deadline_exceeded')) throw error
      return undefined
    }
  }

  function share(question: Question, fill: Fill, { kept, why, body, originStatus }: Arrival): EdgeAnswer | undefined {
    const { request, control, stored, fwd } = question
    if (question.insteadOfError && stored && isTrouble(originStatus)) return instead(question, stored, originStatus)
    if (why !== undefined || fill.isOutdated(kept) || !isFor(kept, request.headers)) return undefined
    if (judge(kept, control, steady(), caching.stale).kind !== 'serve') return undefined
    const received = isUnmodified(request.headers, kept) ? NO_BODY : body instanceof Spool ? body.read() : (body as Buffer)
    if (received === undefined) return undefined
    counts.collapsed++
    const fate = status({ fwd, fwdStatus: originStatus, ttlMs: left(kept), collapsed: true })
    return served(request, kept, Buffer.isBuffer(received) ? received : readBy(request, received), steady(), fate)
  }

  /** A stored answer, although it is stale, since the origin failed. */
  function instead({ request, fwd }: Question, stored: StoredAnswer, fwdStatus: number | undefined): EdgeAnswer {
    counts.stale++
    return served(request, stored, stored.body, steady(), status({ fwd, fwdStatus, ttlMs: left(stored), detail: 'stale-if-error' }))
  }

  function left({ lifetimeMs, bornAt }: Kept): number {
    return lifetimeMs - (steady() - bornAt)
  }

  function renew(question: Omit<Question, 'insteadOfError' | 'fwd'>): void {
    const id = idOf(question) ?? `${question.key.scope}\n${question.key.url}\nrenewal`
    if (fills.find(id)) return
    const { headers } = question.request
    const request: EdgeRequest = { ...question.request, method: 'GET', headers: { ...headers, range: undefined, 'if-range': undefined } }
    const fill = fills.begin(question.key, { id, wanted: true })
    fill.begin((signal) => askOrigin(fill, { ...question, request }, parts, AbortSignal.any([signal, AbortSignal.timeout(RENEWAL_MS)])))
    void settle(fill, question).then((arrival) => {
      if (!arrival || isTrouble(arrival.originStatus)) counts.renewalsFailed++
    })
  }
  return { ask, renew }
}

/** Whether an error is the origin's failure; that this client may not have the answer is none. */
function isFailure(error: unknown): boolean {
  return !BanyanError.is(error) || error.status >= 500
}

function readBy({ signal }: EdgeRequest, body: Readable): Readable {
  signal().addEventListener('abort', () => body.destroy(), { once: true })
  return body
}

/** An answer with this cache's member of `Cache-Status` behind those of caches nearer to the origin. */
export function withStatus(answer: EdgeAnswer, status: string): EdgeAnswer {
  const headers = lowerCased(answer.headers)
  const before = field(headers, 'cache-status')
  return { ...answer, headers: { ...headers, 'cache-status': before === undefined ? status : `${before}, ${status}` } }
}
