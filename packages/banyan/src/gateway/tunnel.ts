import { request as requestPlain, type IncomingMessage } from 'node:http'
import { request as requestSecure } from 'node:https'
import type { Duplex } from 'node:stream'
import { BanyanError } from '../kernel/errors.ts'
import { unreachable } from '../network/unreachable.ts'
import { callingTls } from '../security/tls.ts'
import { UPSTREAM_AUTHORITIES } from './target-faults.ts'
import { outcomeOfStatus, type UpstreamWay } from './upstream-way.ts'

/** What an upstream said to a request for another protocol. */
export interface Switched {
  readonly answer: IncomingMessage
  /** The connection, where it answered 101; its first bytes are put back. */
  readonly socket: Duplex | undefined
}

export interface Asking {
  readonly method: string
  readonly target: string
  /** Names and values in turn, with Connection and Upgrade. */
  readonly headers: readonly string[]
  readonly signal: AbortSignal
}

/** Asks a target of an upstream for another protocol, once, on a connection of its own. Throws `unavailable`, `overloaded` or `deadline_exceeded`. */
export async function askToSwitch(way: UpstreamWay, { method, target, headers, signal }: Asking): Promise<Switched> {
  await way.places?.enter({ signal })
  const placedAt = performance.now()
  try {
    return await asked(way, { method, target, headers, signal })
  } finally {
    way.places?.leave(performance.now() - placedAt)
  }
}

async function asked(way: UpstreamWay, { method, target, headers, signal }: Asking): Promise<Switched> {
  const attempt = way.begin(performance.now(), {})
  const { origin, prefix, tls } = attempt.peer.connection
  const { serverName } = way.upstream.tls ?? {}
  const url = new URL(prefix + target, origin)
  const request = url.protocol === 'https:' ? requestSecure : requestPlain
  const late = new BanyanError('deadline_exceeded', `upstream '${way.name}': no answer in ${way.upstream.timeoutMs} ms`, { executed: 'maybe' })
  const { promise, resolve, reject } = Promise.withResolvers<Switched>()
  // allowHalfOpen: one side may end what it says while the other goes on
  const secure = { ...callingTls(tls), ...(serverName !== undefined && { servername: serverName }) }
  const how = { method, headers: [...headers] as never, agent: false, signal, allowHalfOpen: true, ...(url.protocol === 'https:' && secure) }
  const asking = request(url, how as Parameters<typeof request>[1] & object)
  const timer = setTimeout(() => asking.destroy(late), way.upstream.timeoutMs)
  asking.on('upgrade', (answer, socket, head) => {
    if (head.length > 0) socket.unshift(head)
    resolve({ answer, socket })
  })
  asking.on('response', (answer) => resolve({ answer, socket: undefined }))
  asking.on('error', reject)
  asking.end()
  try {
    const switched = await promise
    way.heard(attempt, outcomeOfStatus(switched.answer.statusCode!), performance.now())
    ;(switched.socket ?? switched.answer).once('close', () => way.release(attempt, false))
    return switched
  } catch (error) {
    way.failed(attempt, signal.aborted ? 'abandoned' : 'failure', performance.now(), BanyanError.is(error) ? undefined : error)
    if (BanyanError.is(error)) throw error
    throw new BanyanError('unavailable', `upstream '${way.name}': ${unreachable(origin, error, UPSTREAM_AUTHORITIES)}`, { executed: 'maybe', cause: error })
  } finally {
    clearTimeout(timer)
  }
}

/** Joins two connections until both have ended: each is read no faster than the other takes it, and one may end before the other. */
export function join(client: Duplex, upstream: Duplex): void {
  client.pipe(upstream)
  upstream.pipe(client)
  const cut = () => {
    client.destroy()
    upstream.destroy()
  }
  // a connection that breaks has said all that it will; what is sent after it would go nowhere
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    one.on('error', cut)
    one.once('close', () => {
      if (!one.readableEnded) cut()
      else other.end()
    })
  }
}
