import type { HttpRequest } from './message.ts'

const authority = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i
let lastGood: string | undefined

/**
 * What is wrong with a request that `node:http` lets through, or `undefined`. Requests that two parties could read differently are how
 * one request is smuggled inside another (RFC 9112 §11.2), so nothing ambiguous is guessed at.
 */
export function requestFault(request: HttpRequest): string | undefined {
  return hostFault(request) ?? framingFault(request) ?? targetFault(request)
}

function hostFault({ headers, rawHeaders }: HttpRequest): string | undefined {
  const { host } = headers
  let hosts = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++
  }
  if (hosts > 1) return `the request has ${hosts} Host headers; send one`
  if (host === undefined || host === lastGood) return undefined // without one node:http lets only HTTP/1.0 through
  if (!authority.test(host)) return `the Host header is ${JSON.stringify(host)}, which is not a host and port`
  lastGood = host
  return undefined
}

function framingFault({ headers, httpVersionMajor, httpVersionMinor }: HttpRequest): string | undefined {
  const coding = headers['transfer-encoding']
  if (httpVersionMajor !== 1) return 'only HTTP/1.0 and HTTP/1.1 are spoken here'
  if (coding === undefined) return undefined
  if (httpVersionMinor === 0) return 'HTTP/1.0 has no Transfer-Encoding'
  if (headers['content-length'] !== undefined) return 'the request has both Content-Length and Transfer-Encoding; send one'
  return coding.toLowerCase() === 'chunked' ? undefined : `Transfer-Encoding is ${JSON.stringify(coding)}; only chunked is accepted`
}

function targetFault({ url = '', method, headers }: HttpRequest): string | undefined {
  if (url.startsWith('/')) return undefined
  if (url === '*') return method === 'OPTIONS' ? undefined : `${method} has no target '*'; only OPTIONS has`
  const absolute = /^https?:\/\/([^/?#]*)/i.exec(url)
  if (!absolute) return `the request target is ${JSON.stringify(url)}; it must begin with /`
  const named = absolute[1]!
  return named.toLowerCase() === (headers.host ?? '').toLowerCase()
    ? undefined
    : `the request target names ${JSON.stringify(named)} and the Host header ${JSON.stringify(headers.host ?? '')}`
}

export interface Target {
  readonly path: string
  /** Without the `?`. */
  readonly query: string
}

/** Path and query of a request target, also of one in absolute form. */
export function targetOf(url: string): Target {
  const local = url.startsWith('/') ? url : `/${url.replace(/^https?:\/\/[^/?#]*\/?/i, '')}`
  const mark = local.indexOf('?')
  return mark < 0 ? { path: local, query: '' } : { path: local.slice(0, mark), query: local.slice(mark + 1) }
}
