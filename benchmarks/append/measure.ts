import { randomUUID } from 'node:crypto'
import { quantile } from '../report.ts'
import type { Peer, Token } from './peer.ts'

export interface Measured {
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
}

/** Appends to a stream before the caller turns to a new one. */
const APPENDS_PER_STREAM = 5

/** `flight` callers append to streams of their own, each its next when the last is answered. */
export function measureStreams(peer: Peer, flight: number, seconds: number): Promise<Measured> {
  return measure(flight, seconds, () => {
    let stream = ''
    let after: Token
    let appended = APPENDS_PER_STREAM
    return async () => {
      if (appended === APPENDS_PER_STREAM) {
        stream = `order/${randomUUID()}`
        after = undefined
        appended = 0
      }
      after = await peer.append(stream, after)
      appended++
    }
  })
}

/** `flight` callers append to one stream. */
export function measureHot(peer: Peer, flight: number, seconds: number): Promise<Measured> {
  const stream = `order/${randomUUID()}`
  const { appendHot } = peer
  if (appendHot) return measure(flight, seconds, () => () => appendHot(stream))
  // each has to know the version before: one at a time, in turn
  let turn: Promise<Token> = Promise.resolve(undefined)
  return measure(flight, seconds, () => async () => {
    turn = turn.then((after) => peer.append(stream, after))
    await turn
  })
}

async function measure(flight: number, seconds: number, caller: () => () => Promise<void>): Promise<Measured> {
  const latencies: number[] = []
  const began = performance.now()
  const end = began + seconds * 1_000
  await Promise.all(
    Array.from({ length: flight }, async () => {
      const append = caller()
      for (let at = performance.now(); at < end;) {
        await append()
        const answered = performance.now()
        latencies.push(answered - at)
        at = answered
      }
    }),
  )
  return { perSecond: latencies.length / ((performance.now() - began) / 1_000), p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) }
}
