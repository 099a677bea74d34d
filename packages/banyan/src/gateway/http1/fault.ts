/** What went wrong between this process and a server, in the manner of the system's own codes. */
export type FaultCode =
  /** No connection was made in time. */
  | 'CONNECT_TIMEOUT'
  /** A request was taken and no answer came in time. */
  | 'ANSWER_TIMEOUT'
  /** An answer has begun and does not go on. */
  | 'IDLE_TIMEOUT'
  /** The connection ended before the answer did. */
  | 'OTHER_SIDE_CLOSED'
  /** What came is not an answer in HTTP/1.1, or not beyond doubt. */
  | 'BROKEN_ANSWER'
  /** The request has what must not be written to a connection. */
  | 'UNSENDABLE'
  /** The body of the request is not as long as its head says. */
  | 'BODY_LENGTH'

/** Why a request got no answer, or not the whole of it. Errors of the system and of TLS are passed on as they are. */
export class ExchangeFault extends Error {
  readonly code: FaultCode
  override readonly name = 'ExchangeFault'

  constructor(code: FaultCode, message: string) {
    super(message)
    this.code = code
  }
}

/** `what` is the rule that the answer breaks. */
export function broken(what: string): ExchangeFault {
  return new ExchangeFault('BROKEN_ANSWER', `its answer is not HTTP/1.1: ${what}`)
}
