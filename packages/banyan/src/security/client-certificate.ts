import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'

const subjects = new WeakMap<Socket, string>()

/** Whom the certificate names that a client has shown on a connection, as a distinguished name (RFC 4514): `CN=partner,O=Example`. `undefined`: it has shown none that is good. */
export function clientSubject(socket: Socket): string | undefined {
  const known = subjects.get(socket)
  if (known !== undefined || !(socket instanceof TLSSocket) || !socket.authorized) return known
  // where a session was resumed, some versions of Node say `authorized` of a connection that has shown none
  const lines = socket.getPeerX509Certificate()?.subject?.split('\n')
  if (lines === undefined) return undefined
  // OpenSSL begins with the most general part, and escapes what RFC 4514 wants escaped
  const subject = lines.toReversed().join(',')
  subjects.set(socket, subject)
  return subject
}

/** Whether a client has shown a certificate that is not good. */
export function hasBadCertificate(socket: TLSSocket): boolean {
  return !socket.authorized && socket.getPeerX509Certificate() !== undefined
}
