import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/**
 * `forward`: as if it were not there. `reset`: connections are accepted, and reset at the first word. `stall`: bytes vanish, in both directions and
 * also on connections that are open already; nobody is told.
 */
export type Weather = 'forward' | 'reset' | 'stall'

/** The network in front of one process. */
export interface SeveringProxy extends AsyncDisposable {
  readonly url: string
  /** Connections that it was asked for while it did not forward, but for health checks. */
  readonly refused: number
  /** Changes what happens from now on; those who come in from `reset` and `stall` find their old connections gone. */
  turn(weather: Weather): void
}

/** Stands in front of `port` of this machine. */
export async function severingProxy(port: number): Promise<SeveringProxy> {
  let weather: Weather = 'forward'
  let refused = 0
  const pairs = new Set<readonly [Socket, Socket]>()
  const cut = () => {
    for (const pair of pairs) for (const socket of pair) socket.resetAndDestroy()
  }
  const server = createServer((near) => {
    near.on('error', () => {})
    if (weather === 'reset') {
      near.once('data', (word: Buffer) => {
        if (!String(word).startsWith('GET /readyz')) refused++
        near.resetAndDestroy()
      })
      return
    }
    if (weather === 'stall') refused++
    const far = connect(port, '127.0.0.1').on('error', () => {})
    const pair = [near, far] as const
    pairs.add(pair)
    for (const [from, to] of [pair, [far, near] as const]) {
      from.setNoDelay(true)
      from.on('data', (bytes) => weather === 'stall' || to.write(bytes))
      from.on('close', () => {
        pairs.delete(pair)
        // who stalls does not tell of an end either
        if (weather !== 'stall') to.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get refused() {
      return refused
    },
    turn(next) {
      if (next === 'reset' || weather === 'stall') cut()
      weather = next
    },
    async [Symbol.asyncDispose]() {
      weather = 'forward'
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}
