/** Fields that are for the next hop only, besides those that Connection names (RFC 9110 §7.6.1). */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-authentication-info',
  'te',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])

/**
 * Fields by which servers know who asks, from where, and for what address: the gateway says them, and a client cannot (OWASP ASVS 5.0,
 * 4.1.3). `x-user-*` and the like by their beginnings.
 */
const gatewayWords: ReadonlySet<string> = new Set([
  'forwarded',
  'via',
  'traceparent',
  'host',
  'expect',
  'trailer',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'true-client-ip',
  'x-original-url',
  'x-original-host',
  'x-rewrite-url',
  'x-host',
  'x-user',
  'x-roles',
  'x-tenant',
  'x-tenant-id',
  'x-subject',
  'x-scopes',
  'x-username',
  'remote-user',
  'x-remote-user',
  'client-cert',
  'client-cert-chain',
])
const gatewayBeginnings = /^(?:x-forwarded-|x-client-cert|x-ssl-client|ssl-client|x-user-|x-auth-|x-authenticated-|x-consumer-|x-jwt-|x-identity-|x-tenant-)/

const known = new Map<string, boolean>()
const MOST_KNOWN = 10_000

/** Whether a request's field goes on as the client said it. */
export function goesOn(name: string): boolean {
  const before = known.get(name)
  if (before !== undefined) return before
  // servers behind CGI, WSGI and the like do not tell `_` from `-`
  const plain = name.replaceAll('_', '-')
  const passes = !hopByHop.has(plain) && !gatewayWords.has(plain) && !gatewayBeginnings.test(plain)
  if (known.size < MOST_KNOWN) known.set(name, passes) // bounded: names come from outside
  return passes
}

/** Whether an answer's field is for the hop that it came over. */
export function isHopByHop(name: string): boolean {
  return hopByHop.has(name)
}

/** The fields that Connection names besides those that are never passed on; `undefined`: none. */
export function namedByConnection(connection: string | readonly string[] | undefined): ReadonlySet<string> | undefined {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return undefined
  const text = typeof connection === 'string' ? connection : connection.join(',')
  return new Set(text.split(',').map((name) => name.trim().toLowerCase()))
}
