import type { IncomingHttpHeaders } from 'node:http'
import { ANONYMOUS, type Identity } from '../model/access.ts'
import type { Client } from './client.ts'
import { goesOn, isHopByHop, namedByConnection } from './header-fates.ts'

/** What the gateway says of a request by itself. */
export interface Said {
  readonly client: Client
  readonly identity: Identity
  readonly traceparent: string
  /** Whether the upstream is told the host that the client asked for. */
  readonly keepHost: boolean
}

const VIA = '1.1 banyan'

/** What stands in the place of what the client or a policy said: the gateway's word alone. */
const own: ReadonlySet<string> = new Set([
  'host',
  'via',
  'te',
  'traceparent',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-client-cert-subject',
])
/** Whom the certificate of the client names. */
const CERTIFICATE = 'x-client-cert-subject'
const identityFields: ReadonlySet<string> = new Set(['x-user-id', 'x-user-roles', 'x-tenant-id'])

/**
 * The header fields of a request as its upstream gets them, names and values in turn: the client's without those for this hop and those that
 * only the gateway may say, then the gateway's own (RFC 7239, RFC 9110 §7.6.3, W3C Trace Context).
 */
export function requestHeaders(headers: Readonly<IncomingHttpHeaders>, said: Said): string[] {
  const fields: string[] = []
  const dropped = namedByConnection(headers.connection)
  for (const name in headers) if (goesOn(name) && !dropped?.has(name)) put(fields, name, headers[name])
  return withOwn(fields, headers, said)
}

/** The fields of a request that policies see: without those for this hop, and without those that a client may not say. */
export function visibleHeaders(headers: Readonly<IncomingHttpHeaders>): IncomingHttpHeaders {
  const visible: IncomingHttpHeaders = {}
  const dropped = namedByConnection(headers.connection)
  for (const name in headers) if (name === 'host' || name === 'via' || name === 'te' || (goesOn(name) && !dropped?.has(name))) visible[name] = headers[name]
  return visible
}

/** The same of a request that has passed policies: what they have added goes on as well. */
export function passedHeaders(visible: Readonly<IncomingHttpHeaders>, said: Said): string[] {
  const fields: string[] = []
  const known = said.identity.subject !== ANONYMOUS
  for (const name in visible) {
    const lower = name.toLowerCase()
    if (!isHopByHop(lower) && !own.has(lower) && !(known && identityFields.has(lower))) put(fields, lower, visible[name])
  }
  return withOwn(fields, visible, said)
}

function put(fields: string[], name: string, value: string | readonly string[] | undefined): void {
  if (typeof value === 'string') fields.push(name, value)
  else if (value !== undefined) for (const one of value) fields.push(name, one)
}

function withOwn(fields: string[], headers: Readonly<IncomingHttpHeaders>, { client, identity, traceparent, keepHost }: Said): string[] {
  if (keepHost) fields.push('host', headers.host ?? '')
  if (headers.te !== undefined && /\btrailers\b/i.test(String(headers.te))) fields.push('te', 'trailers')
  fields.push('via', headers.via === undefined ? VIA : `${headers.via}, ${VIA}`)
  fields.push('traceparent', traceparent)
  fields.push('x-forwarded-for', client.chain, 'x-forwarded-proto', client.proto, 'x-forwarded-host', client.host)
  fields.push('forwarded', `for=${node(client.address)};host="${client.host}";proto=${client.proto}`)
  if (client.certificate !== undefined) fields.push(CERTIFICATE, encodeURI(client.certificate))
  if (identity.subject !== ANONYMOUS) sayIdentity(fields, identity)
  return fields
}

function sayIdentity(fields: string[], { subject, roles, tenant }: Identity): void {
  fields.push('x-user-id', encodeURI(subject), 'x-tenant-id', encodeURI(tenant))
  if (roles.length > 0) fields.push('x-user-roles', roles.map((role) => encodeURIComponent(role)).join(','))
}

function node(address: string): string {
  return address.includes(':') ? `"[${address}]"` : address
}
