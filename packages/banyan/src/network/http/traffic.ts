import type { AnyOperation } from '../../model/operation.ts'
import type { AccessLog } from '../../observe/access-log.ts'
import { clientAddress, nobody } from './client-address.ts'
import type { Exchange } from './exchange.ts'
import { OutcomeMeter, type OutcomeStatus } from './outcome-meter.ts'
import type { HttpServerOptions } from './options.ts'

/** Counts the requests from outside by operation, and takes each down in the access log. */
export class Traffic {
  readonly #meters = new Map<string, OutcomeMeter>()
  readonly #accessLog: AccessLog | undefined
  readonly #proxies: HttpServerOptions['proxies']

  constructor({ accessLog, proxies }: Pick<HttpServerOptions, 'accessLog' | 'proxies'>) {
    this.#accessLog = accessLog
    this.#proxies = proxies
  }

  meterOf({ service, name }: AnyOperation): OutcomeMeter {
    const made = new OutcomeMeter()
    this.#meters.set(`${service}.${name}`, made)
    return made
  }

  /** By operation; only what was asked for. */
  status(): Readonly<Record<string, OutcomeStatus>> {
    return Object.fromEntries([...this.#meters].flatMap(([name, meter]) => (meter.asked ? [[name, meter.status()] as const] : [])))
  }

  /** A request has come. */
  begins(exchange: Exchange): void {
    // a socket that is closed does not say any more who was at its other end
    if (this.#accessLog) exchange.client = clientAddress(exchange.request, this.#proxies?.isTrusted ?? nobody, this.#proxies?.header)
  }

  /** What stands behind the gateway answers it, and takes it down. */
  isForeign(exchange: Exchange): void {
    exchange.client = undefined
  }

  /** Its answer is over, or the client has gone. */
  ended(exchange: Exchange): void {
    const { meter, response, began, waits } = exchange
    if (meter === undefined && this.#accessLog === undefined) return
    const status = response.writableFinished || response.headersSent ? response.statusCode : 0
    const now = performance.now()
    // one who watches decides how long that takes
    meter?.end(exchange, status, waits ? undefined : began, now)
    if (this.#accessLog && exchange.client !== undefined && exchange.endpoint.to === 'outside') this.#takeDown(this.#accessLog, exchange, status, now - began)
  }

  #takeDown(accessLog: AccessLog, exchange: Exchange, status: number, ms: number): void {
    const { request, client = '', identity, traceparent, bytes, cache, refused, endpoint } = exchange
    const { operation } = endpoint
    accessLog({
      request,
      status,
      ms,
      bytes: request.method === 'HEAD' ? 0 : bytes,
      client,
      identity,
      traceparent,
      operation: operation && `${operation.service}.${operation.name}`,
      cache,
      refused,
    })
  }
}
