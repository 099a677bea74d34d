import { request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'

/** Whether the process at an origin says that it is ready. Rejects where nobody answers. */
export function asksReady(origin: string, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>()
  const url = new URL('/readyz', origin)
  const asking = (url.protocol === 'https:' ? requestSecure : requestPlain)(url, { agent: false, signal }, (response) => {
    response.resume()
    response.on('end', () => resolve(response.statusCode === 200))
    response.on('error', reject)
  })
  asking.on('error', reject).end()
  return promise
}
