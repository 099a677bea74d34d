import type { RequestHead, ClientRequest } from './request-head.ts'

/** Stops and goes on with what comes. */
export interface Flow {
  pause(): void
  resume(): void
}

/** Takes an answer as it comes. After `fail` or `end`, or once its call is aborted, nothing more is told. */
export interface AnswerReceiver {
  /** An answer before the answer. Fields are names in lower case and values in turn, here and below. */
  informed(status: number, fields: string[]): void
  begin(status: number, fields: string[]): void
  /** The bytes are the receiver's. */
  data(chunk: Buffer): void
  end(trailers: string[]): void
  /** Never told before `ConnectionPool.send` has returned. */
  fail(error: Error): void
}

/** What a call is on. */
export interface Carrier extends Flow {
  /** Ends the connection with the call. */
  cut(): void
}

/** A request on its way, and its answer. */
export class Call implements Flow {
  readonly request: ClientRequest
  readonly head: RequestHead
  readonly receiver: AnswerReceiver
  /** Whether the server may have got any of it. */
  sent = false
  /** Whether nothing more is told. */
  over = false
  /** `undefined`: it has no connection yet, or none any more. */
  carrier: Carrier | undefined

  constructor(request: ClientRequest, head: RequestHead, receiver: AnswerReceiver) {
    this.request = request
    this.head = head
    this.receiver = receiver
  }

  pause(): void {
    this.carrier?.pause()
  }

  resume(): void {
    this.carrier?.resume()
  }

  /** Nobody waits for the answer any more. */
  abort(): void {
    if (this.over) return
    this.over = true
    const { carrier } = this
    this.carrier = undefined
    carrier?.cut()
  }

  fail(error: Error): void {
    if (this.over) return
    this.over = true
    this.carrier = undefined
    this.receiver.fail(error)
  }

  end(trailers: string[]): void {
    if (this.over) return
    this.over = true
    this.carrier = undefined
    this.receiver.end(trailers)
  }
}
