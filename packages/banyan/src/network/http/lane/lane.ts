import type { Server } from 'node:http'
import { Server as SecureServer } from 'node:https'
import type { Socket } from 'node:net'
import type { HttpLimits } from '../options.ts'
import { LaneConnection, type ConnectionLane, type Patience } from './lane-connection.ts'

export interface LaneOptions extends Pick<HttpLimits, 'headerBytes' | 'headersMs' | 'requestMs' | 'keepAliveMs'> {
  /** How often connections are looked through for those whose time is up, in milliseconds. */
  readonly checkMs: number
}

/** As node:http does: a connection is kept a little longer than its client was told, so that a last request does not meet its end. */
const KEPT_LONGER_MS = 1_000

/**
 * Answers plain requests on the connections of a server of node:http without its parser. A connection on which anything else comes is handed
 * over to node:http, as it came, before anything of that is answered, and stays there: the lane refuses nothing itself.
 */
export class Lane implements ConnectionLane {
  readonly kept: string
  readonly headerBytes: number
  readonly answer: ConnectionLane['answer']
  readonly handOver: ConnectionLane['handOver']
  readonly #server: Server | SecureServer
  readonly #patience: Patience
  readonly #connections = new Set<LaneConnection>()

  /** Before the server listens. */
  constructor(server: Server | SecureServer, { headerBytes, headersMs, requestMs, keepAliveMs, checkMs }: LaneOptions, answer: ConnectionLane['answer']) {
    this.#server = server
    this.#patience = { freshMs: Math.min(headersMs, requestMs), keptMs: keepAliveMs + KEPT_LONGER_MS }
    this.headerBytes = headerBytes
    this.kept = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveMs / 1_000)}\r\n`
    this.answer = answer
    const event = server instanceof SecureServer ? 'secureConnection' : 'connection'
    const [listener] = server.listeners(event) as ((socket: Socket) => void)[]
    this.handOver = listener!.bind(server)
    server.off(event, listener!).on(event, (socket: Socket) => this.#connections.add(new LaneConnection(socket, this)))
    server.once('listening', () => {
      const timer = setInterval(() => this.#check(), checkMs).unref()
      server.once('close', () => clearInterval(timer))
    })
  }

  late(socket: Socket): void {
    this.#server.emit('clientError', new RequestTimeout(), socket)
  }

  left(connection: LaneConnection): void {
    this.#connections.delete(connection)
  }

  /** Ends connections on which nothing is under way, whoever reads them. */
  closeIdle(): void {
    this.#server.closeIdleConnections()
    for (const connection of this.#connections) connection.endIdle()
  }

  closeAll(): void {
    this.#server.closeAllConnections()
    for (const { socket } of this.#connections) socket.destroy()
  }

  #check(): void {
    const now = performance.now()
    for (const connection of this.#connections) connection.check(now, this.#patience)
  }
}

/** What node:http says of a connection on which no request has come in time. */
class RequestTimeout extends Error {
  readonly code = 'ERR_HTTP_REQUEST_TIMEOUT'
}
