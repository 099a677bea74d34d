import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { checkCertificate, type TlsOptions } from '../../security/tls.ts'
import type { HttpLimits, HttpServerOptions, PeerSurface } from '../http/options.ts'
import { PROBLEM_TYPE, toProblem } from '../http/problem.ts'
import { rawReply } from '../http/reply.ts'
import { Callee, type CalleeOptions, type Places } from './callee.ts'
import { defaultLimits } from './connection.ts'
import { switching } from './handshake.ts'
import { printsOf } from './prints.ts'
import { targets } from './targets.ts'

/** What is answered. */
export interface WireSurfaceOptions extends Pick<HttpServerOptions, 'operations' | 'invoke' | 'log' | 'tls'> {
  readonly peer: PeerSurface
}

/** Bytes of what a call says beside its input, at most. */
const HEAD_BYTES = 64 * 1024

/** The connections by which other units call this one. */
export class WireSurface {
  readonly #callees = new Set<Callee>()
  readonly #options: CalleeOptions
  readonly #tls: TlsOptions | undefined
  #leaving = false
  #onEmpty: (() => void) | undefined

  constructor(options: WireSurfaceOptions, { inFlight, peerBodyBytes }: Pick<HttpLimits, 'inFlight' | 'peerBodyBytes'>) {
    const { peer, log, tls } = options
    this.#tls = tls
    this.#options = {
      // more than that is refused by the caller, who is told how much it may be
      limits: { ...defaultLimits, messageBytes: peerBodyBytes + HEAD_BYTES },
      places: { limit: inFlight, taken: 0 },
      target: targets(options),
      verify: (token) => peer.verify(token),
      hello: { inputBytes: peerBodyBytes, operations: printsOf(options.operations) },
      log,
      ended: (callee) => this.#ended(callee),
    }
  }

  /** Takes over the connection of a request that asks for the wire. */
  async accept({ headers }: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy())
    try {
      checkCertificate(socket as Socket, this.#tls)
      await this.#options.verify(headers.authorization?.replace(/^Bearer /, '') ?? '')
    } catch (error) {
      const problem = toProblem(error, { to: 'peer' })
      socket.write(rawReply({ status: problem.status, type: PROBLEM_TYPE, body: JSON.stringify(problem) }))
      ;(socket as Socket).destroySoon()
      return
    }
    if (socket.destroyed) return
    socket.write(switching)
    if (head.length > 0) socket.unshift(head)
    this.attach(socket)
  }

  /** Answers calls on a connection on which the wire is spoken. */
  attach(socket: Duplex): void {
    const callee = new Callee(socket, this.#options)
    this.#callees.add(callee)
    if (this.#leaving) callee.leave()
  }

  /** Calls being answered, and how many there may be. */
  get places(): Readonly<Places> {
    return this.#options.places
  }

  /** Asks all callers to go, and resolves when they have. */
  async left(): Promise<void> {
    this.#leaving = true
    for (const callee of this.#callees) callee.leave()
    if (this.#callees.size > 0) await new Promise<void>((resolve) => (this.#onEmpty = resolve))
  }

  /** Ends the connections that are left. */
  [Symbol.dispose](): void {
    for (const callee of this.#callees) callee.cut()
  }

  #ended(callee: Callee): void {
    this.#callees.delete(callee)
    if (this.#callees.size === 0) this.#onEmpty?.()
  }
}
