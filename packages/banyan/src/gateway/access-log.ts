import type { IncomingMessage } from 'node:http'
import { ANONYMOUS, type Identity } from '../model/access.ts'
import { traceFields, type LogDestination } from '../observe/log.ts'
import { isSecretName, REDACTED } from '../observe/redact.ts'
import type { Route } from './config.ts'

/** `common` and `combined`: as Apache httpd writes them; `json`: one object a line. */
export type AccessLogForm = 'common' | 'combined' | 'json'

export interface AccessEntry {
  readonly request: IncomingMessage
  /** 0: the client left before an answer. */
  readonly status: number
  readonly ms: number
  /** Of the answer's body. */
  readonly bytes: number
  readonly client: string
  readonly identity: Identity
  readonly route: Route
  readonly traceparent: string
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
  const who = identity.subject === ANONYMOUS ? '-' : escaped(encodeURI(identity.subject))
  const what = `${request.method} ${withoutSecrets(request.url ?? '')} HTTP/${request.httpVersion}`
  return `${client} - ${who} [${apacheTime(new Date())}] "${escaped(what)}" ${status === 0 ? 499 : status} ${bytes === 0 ? '-' : bytes}`
}

function combinedLine(entry: AccessEntry): string {
  const { referer = '-', 'user-agent': agent = '-' } = entry.request.headers
  return `${commonLine(entry)} "${escaped(withoutSecrets(referer))}" "${escaped(agent)}"`
}

function jsonLine({ request, status, ms, bytes, client, identity, route, traceparent }: AccessEntry): string {
  return JSON.stringify({
    time: new Date().toISOString(),
    client,
    ...(identity.subject !== ANONYMOUS && { subject: identity.subject }),
    method: request.method,
    target: withoutSecrets(request.url ?? ''),
    host: request.headers.host,
    status: status === 0 ? 499 : status,
    bytes,
    ms: Number(ms.toFixed(3)),
    route: route.name,
    upstream: route.to,
    agent: request.headers['user-agent'],
    ...traceFields(traceparent),
  })
}

function withoutSecrets(url: string): string {
  return url.replace(/([?&;])([^=&;?]+)=([^&;]*)/g, (all, mark: string, name: string) => (isSecretName(plainName(name)) ? `${mark}${name}=${REDACTED}` : all))
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
