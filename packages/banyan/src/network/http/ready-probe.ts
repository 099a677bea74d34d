import { request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'
import { callingTls, type TlsOptions } from '../../security/tls.ts'

export interface ReadyProbeOptions {
  readonly signal: AbortSignal
  readonly path?: string
  readonly tls?: TlsOptions | undefined
  /** What its certificate must be for; the host of the origin unless said. */
  readonly servername?: string | undefined
}

/** Whether what listens at an origin says that it is ready: `GET /readyz`, or another path, answers 2xx. Rejects when nothing answers, or `signal` aborts first. */
export function readyProbe(origin: string, { tls, signal, servername, path = '/readyz' }: ReadyProbeOptions): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const url = new URL(path, origin)
    const secure = url.protocol === 'https:'
    const request = secure ? requestSecure : requestPlain
    // a connection of its own each time: that a new one can be made is half of what is asked
    request(url, { agent: false, signal, ...(secure && callingTls(tls)), ...(servername !== undefined && { servername }) })
      .on('socket', (socket) => socket.unref())
      .on('response', (response) => {
        response.resume()
        resolve(Math.floor(response.statusCode! / 100) === 2)
      })
      .on('error', reject)
      .end()
  })
}
