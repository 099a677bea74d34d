import type { Socket } from 'node:net'
import type { HttpRequest, HttpResponse } from '../message.ts'
import { readHead } from './head.ts'
import { LaneRequest } from './lane-request.ts'
import { LaneResponse, type AnsweredConnection } from './lane-response.ts'

/** What a connection needs of the lane. */
export interface ConnectionLane {
  readonly kept: string
  /** The longest head that is read. */
  readonly headerBytes: number
  answer(request: HttpRequest, response: HttpResponse, body: Buffer): void
  /** Gives the socket to node:http. */
  handOver(socket: Socket): void
  /** No request has come on it in time. */
  late(socket: Socket): void
  /** It is closed, or handed over. */
  left(connection: LaneConnection): void
}

/** Milliseconds that a connection may be quiet before its first request, and between requests. */
export interface Patience {
  readonly freshMs: number
  readonly keptMs: number
}

/** What a client may send before it has its answer; what is more waits outside. */
const AHEAD_BYTES = 64 * 1024

/** A connection as long as nothing but plain requests has come on it, one after the other. */
export class LaneConnection implements AnsweredConnection {
  readonly socket: Socket
  readonly kept: string
  readonly #lane: ConnectionLane
  /** What is being answered. */
  #response: LaneResponse | undefined
  /** What came before the answer was over. */
  #ahead: Buffer | undefined
  /** Whether nothing more is read. */
  #isOver = false
  #isFresh = true
  /** Since when it is quiet. */
  #since = performance.now()

  constructor(socket: Socket, lane: ConnectionLane) {
    this.socket = socket
    this.kept = lane.kept
    this.#lane = lane
    socket.on('data', this.#onData).on('drain', this.#onDrain).on('end', this.#onEnd).on('error', this.#onError).on('close', this.#onClose)
  }

  answered(last: boolean): void {
    this.#response = undefined
    this.#since = performance.now()
    if (last) {
      this.#isOver = true
      this.socket.destroySoon()
    }
    const ahead = this.#ahead
    if (ahead === undefined || this.#isOver) return
    this.#ahead = undefined
    this.socket.resume()
    this.#take(ahead)
  }

  /** Ends it if it has been answered and nothing is under way. */
  endIdle(): void {
    if (this.#response === undefined && !this.#isFresh) this.socket.destroy()
  }

  /** Ends it if it has been quiet for too long. */
  check(now: number, { freshMs, keptMs }: Patience): void {
    if (this.#response !== undefined || this.#isOver) return
    const quietMs = now - this.#since
    if (!this.#isFresh) {
      if (quietMs > keptMs) this.socket.destroy()
    } else if (quietMs > freshMs) {
      this.#isOver = true
      this.#lane.late(this.socket)
    }
  }

  #take(chunk: Buffer): void {
    const head = readHead(chunk.toString('latin1', 0, this.#lane.headerBytes))
    if (head === undefined || head.length + head.bodyLength !== chunk.length) return this.#handOver(chunk)
    this.#isFresh = false
    this.#response = new LaneResponse(this, head.method)
    this.#lane.answer(new LaneRequest(head, this.socket), this.#response, chunk.subarray(head.length))
  }

  #handOver(chunk: Buffer): void {
    const { socket } = this
    socket.off('data', this.#onData).off('drain', this.#onDrain).off('end', this.#onEnd).off('error', this.#onError).off('close', this.#onClose)
    this.#lane.left(this)
    this.#lane.handOver(socket)
    // at once: of what has been read already the next part may follow in this turn of the event loop
    socket.emit('data', chunk)
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#isOver) return
    if (this.#response === undefined) return this.#take(chunk)
    this.#ahead = this.#ahead === undefined ? chunk : Buffer.concat([this.#ahead, chunk])
    if (this.#ahead.length > AHEAD_BYTES) this.socket.pause()
  }

  readonly #onDrain = (): void => {
    if (this.#response?.writableEnded === false) this.#response.emit('drain')
  }

  // as node:http has it: who ends its side has gone
  readonly #onEnd = (): void => {
    this.#isOver = true
    this.socket.end()
  }

  readonly #onError = (): void => {
    this.socket.destroy()
  }

  readonly #onClose = (): void => {
    this.#lane.left(this)
    this.#response?.close()
  }
}
