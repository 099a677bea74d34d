import { createHash } from 'node:crypto'
import { systemClock } from '../../kernel/clock.ts'
import type { Log } from '../../model/context.ts'
import { EventStream } from './event-stream.ts'
import type { Exchange } from './exchange.ts'
import type { Changes, HttpLimits } from './options.ts'
import { logFailure, problemReply } from './problem-reply.ts'
import type { RequestsInFlight } from './requests-in-flight.ts'
import type { Watchers } from './watchers.ts'

export interface LiveQuery {
  /** Finds out who asks and answers anew, by the same rules as without watching. Keeps to a deadline of its own. */
  ask(): Promise<unknown>
  /** What may have changed the answer. */
  readonly changes: Changes
  readonly watchers: Watchers
  readonly inFlight: RequestsInFlight
  readonly limits: HttpLimits
  /** Whether connections should end with their answer. */
  leaving(): boolean
  readonly log: Log
}

/** How long to wait for a hint before looking again. */
const LOOK_MS = 1_000
/** The least time between two looks. */
const APART_MS = 100
const RETRY_MS = 1_000

/**
 * Watches a query: sends its answer, and again whenever it has changed. Throws what the first look throws, as long as an ordinary answer
 * can still be given; a later failure is the last event, `problem`. Ends when the client leaves, the server closes, or the stream is as
 * old as it may become: clients come back by themselves, and are not sent again what their `Last-Event-ID` says they have.
 */
export async function watchQuery(exchange: Exchange, query: LiveQuery): Promise<undefined> {
  const { watchers, inFlight, limits } = query
  watchers.join(exchange)
  inFlight.admit(exchange)
  const seen = query.changes.count
  const first = await look(query)
  if (exchange.answered) return
  inFlight.release(exchange)
  inFlight.wait(exchange)
  using stream = new EventStream(exchange, { heartbeatMs: limits.heartbeatMs, retryMs: retryMs(), last: query.leaving() })
  using age = new Age(limits.watchMs)
  const signal = AbortSignal.any([exchange.signal, age.signal])
  try {
    await follow(stream, query, { first, seen, has: exchange.request.headers['last-event-id'], signal })
  } catch (error) {
    if (!signal.aborted) fail(stream, error, exchange, query.log)
  }
  stream.end(age.signal.aborted ? 'this stream has lasted long enough; come back' : 'the server is closing; come back')
}

/** Spread, so that the clients of a server that went do not all come back in one moment. */
function retryMs(): number {
  return Math.round(RETRY_MS * (1 + Math.random()))
}

function fail(stream: EventStream, error: unknown, exchange: Exchange, log: Log): void {
  const { status, body } = problemReply(error, exchange)
  logFailure(error, status, exchange, log)
  stream.send({ event: 'problem', data: String(body) })
  stream.end('the query cannot be answered any more')
}

/** How old a stream may become. */
class Age implements Disposable {
  readonly #controller = new AbortController()
  readonly #timer: NodeJS.Timeout

  constructor(ms: number) {
    this.#timer = setTimeout(() => this.#controller.abort(), ms).unref()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }
}

interface Look {
  readonly id: string
  readonly data: string
}

async function look({ ask }: LiveQuery): Promise<Look> {
  const data = JSON.stringify((await ask()) ?? null)
  return { id: createHash('sha256').update(data).digest('base64url').slice(0, 22), data }
}

interface Start {
  readonly first: Look
  /** How many changes there were before the first look. */
  readonly seen: number
  /** The id of the answer that the client has. */
  readonly has: string | string[] | undefined
  readonly signal: AbortSignal
}

async function follow(stream: EventStream, query: LiveQuery, { first, seen, has, signal }: Start): Promise<void> {
  const { changes, watchers } = query
  let [sent, count] = [has, seen]
  for (let answer = first; ; answer = await watchers.turn(() => look(query))) {
    if (signal.aborted) return
    if (answer.id !== sent) stream.send(answer)
    sent = answer.id
    await stream.taken(signal)
    await systemClock.wait(APART_MS, signal)
    await changes.after(count, LOOK_MS - APART_MS, signal)
    count = changes.count
  }
}
