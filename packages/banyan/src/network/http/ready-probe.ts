import { request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'

/** Whether the unit at an origin says that it is ready: `GET /readyz` answers 200. Rejects when nothing answers, or `signal` aborts first. */
export function readyProbe(origin: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const url = new URL('/readyz', origin)
    const request = url.protocol === 'https:' ? requestSecure : requestPlain
    // a connection of its own each time: that a new one can be made is half of what is asked
    request(url, { agent: false, signal })
      .on('socket', (socket) => socket.unref())
      .on('response', (response) => {
        response.resume()
        resolve(response.statusCode === 200)
      })
      .on('error', reject)
      .end()
  })
}
