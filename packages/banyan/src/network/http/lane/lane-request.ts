import type { IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import type { Head } from './head.ts'
import type { HttpRequest } from '../message.ts'

/** A request that came whole. */
export class LaneRequest implements HttpRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: string[]
  readonly socket: Socket
  readonly httpVersion = '1.1'
  readonly httpVersionMajor = 1
  readonly httpVersionMinor = 1
  readonly complete = true

  constructor({ method, target, headers, rawHeaders }: Head, socket: Socket) {
    this.method = method
    this.url = target
    this.headers = headers
    this.rawHeaders = rawHeaders
    this.socket = socket
  }
}
