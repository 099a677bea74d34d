import type { IncomingMessage } from 'node:http'
import { ANONYMOUS, type Identity } from '../model/access.ts'
import type { AccessLogForm } from '../model/app.ts'
import { traceFields, type LogDestination } from './log.ts'
import { isSecretName, REDACTED } from './redact.ts'

export const accessLogForms: readonly AccessLogForm[] = ['json', 'common', 'combined']

export interface AccessEntry {
  readonly request: Pick<IncomingMessage, 'method' | 'url' | 'httpVersion' | 'headers'>
  /** 0: the client left before an answer. */
  readonly status: number
  readonly ms: number
  /** Of the answer's body. */
  readonly bytes: number
  readonly client: string
  /** Who asked; `undefined` where that was not found out. */
  readonly identity: Identity | undefined
  readonly traceparent: string
  /** What answered: an operation of the app, such as `orders.place`, … */
  readonly operation?: string | undefined
  /** … or a route of a gateway file, and the upstream that it leads to. */
  readonly route?: string
  readonly upstream?: string
  /** Whether the answer came from the cache; `undefined` where nothing is cached. */
  readonly cache?: 'hit' | 'miss' | undefined
  /** What refused it: a limit, or the rule of who may. */
  readonly refused?: 'limit' | 'access' | undefined
}

/** Takes down a request that is over. */
export type AccessLog = (entry: AccessEntry) => void

/** One line for each request. Header fields are not in it but Referer and User-Agent; what a query says under the name of a secret is blanked. */
export function accessLog(form: AccessLogForm, destination: LogDestination): AccessLog {
  const line = form === 'json' ? jsonLine : form === 'common' ? commonLine : combinedLine
  return (entry) => destination.write(`${line(entry)}\n`)
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

function commonLine({ request, status, bytes, client, identity }: AccessEntry): string {
  const subject = subjectOf(identity)
  const who = subject === undefined ? '-' : escaped(encodeURI(subject))
  const what = `${request.method} ${withoutSecrets(request.url ?? '')} HTTP/${request.httpVersion}`
  return `${client} - ${who} [${apacheTime(new Date())}] "${escaped(what)}" ${status === 0 ? 499 : status} ${bytes === 0 ? '-' : bytes}`
}

function combinedLine(entry: AccessEntry): string {
  const { referer = '-', 'user-agent': agent = '-' } = entry.request.headers
  return `${commonLine(entry)} "${escaped(withoutSecrets(referer))}" "${escaped(agent)}"`
}

function jsonLine({ request, status, ms, bytes, client, identity, operation, route, upstream, cache, refused, traceparent }: AccessEntry): string {
  return JSON.stringify({
    time: new Date().toISOString(),
    client,
    subject: subjectOf(identity),
    method: request.method,
    target: withoutSecrets(request.url ?? ''),
    host: request.headers.host,
    status: status === 0 ? 499 : status,
    bytes,
    ms: Number(ms.toFixed(3)),
    operation,
    route,
    upstream,
    cache,
    refused,
    agent: request.headers['user-agent'],
    ...traceFields(traceparent),
  })
}

function subjectOf(identity: Identity | undefined): string | undefined {
  return identity === undefined || identity.subject === ANONYMOUS ? undefined : identity.subject
}

function withoutSecrets(url: string): string {
  // a `code` beside a `state` is what a provider sends a browser back with (RFC 6749 §4.1.2); alone it may be any code
  const isReturn = /[?&]state=/.test(url)
  return url.replace(/([?&;])([^=&;?]+)=([^&;]*)/g, (all, mark: string, given: string) => {
    const name = plainName(given)
    return isSecretName(name) || (isReturn && name === 'code') ? `${mark}${given}=${REDACTED}` : all
  })
}

function plainName(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

/** What would end a field early, or a line. (CWE-117) */
function escaped(text: string): string {
  return text.replace(/["\\\p{Cc}]/gu, (char) => (char === '"' || char === '\\' ? `\\${char}` : `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`))
}

function apacheTime(at: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(at.getUTCDate())}/${months[at.getUTCMonth()]}/${at.getUTCFullYear()}:${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} +0000`
}
