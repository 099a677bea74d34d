import { BanyanError } from '../kernel/errors.ts'
import type { HttpRequest } from '../network/http/message.ts'

/** What of a request tells who made it by a cookie. */
export type CookieRequest = Pick<HttpRequest, 'headers' | 'method' | 'socket'>

/** Where the app is, for the browser that made a request. */
export interface Place {
  /** `https://shop.example` */
  readonly origin: string
  readonly secure: boolean
}

/** The address that was said, or the one that a request was made at: behind a proxy that ends TLS it has to be said. */
export function publicPlace(url: string | undefined): (request: CookieRequest) => Place {
  if (url !== undefined) {
    const place = placeAt(url)
    return () => place
  }
  return ({ headers, socket }) => {
    const secure = 'encrypted' in socket
    return { origin: `http${secure ? 's' : ''}://${headers.host ?? ''}`, secure }
  }
}

function placeAt(url: string): Place {
  const parsed = URL.parse(url)
  if (parsed && /^https?:$/.test(parsed.protocol)) return { origin: parsed.origin, secure: parsed.protocol === 'https:' }
  throw new BanyanError('invalid_configuration', `the app's address for browsers is '${url}'; it is an http(s) address such as https://shop.example`)
}
