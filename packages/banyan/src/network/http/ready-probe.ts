import { request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'
import { callingTls, type TlsOptions } from '../../security/tls.ts'

/** Whether the unit at an origin says that it is ready: `GET /readyz` answers 200. Rejects when nothing answers, or `signal` aborts first. */
export function readyProbe(origin: string, { tls, signal }: { readonly tls?: TlsOptions | undefined; readonly signal: AbortSignal }): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const url = new URL('/readyz', origin)
    const secure = url.protocol === 'https:'
    const request = secure ? requestSecure : requestPlain
    // a connection of its own each time: that a new one can be made is half of what is asked
    request(url, { agent: false, signal, ...(secure && callingTls(tls)) })
      .on('socket', (socket) => socket.unref())
      .on('response', (response) => {
        response.resume()
        resolve(response.statusCode === 200)
      })
      .on('error', reject)
      .end()
  })
}
