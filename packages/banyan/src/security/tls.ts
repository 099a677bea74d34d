import type { Socket } from 'node:net'
import { TLSSocket, type SecureContextOptions, type TlsOptions as ServerTls } from 'node:tls'
import { BanyanError } from '../kernel/errors.ts'

/** What a process is known by, and whom it trusts, over TLS: texts in PEM form (RFC 7468). */
export interface TlsOptions {
  /** Its certificate, followed by those between it and the authority; with it the unit listens with TLS, and says it is itself where it calls. */
  readonly cert?: string
  /** The private key of the certificate, without a passphrase. */
  readonly key?: string
  /**
   * The authorities that sign the units' certificates. With them other units must show a certificate that one of them has signed (mutual
   * TLS). Without them the system's authorities are trusted where this process calls, and nobody has to show a certificate.
   */
  readonly ca?: string
}

const LEAST = 'TLSv1.2'

/** For connections that this process makes. */
export function callingTls(options: TlsOptions = {}): SecureContextOptions {
  return { ...options, minVersion: LEAST }
}

/** For connections that it accepts; `undefined`: without TLS. */
export function listeningTls({ cert, key, ca }: TlsOptions = {}): ServerTls | undefined {
  if (cert === undefined || key === undefined) return undefined
  // a connection without a certificate is accepted, since it may be for what everybody may ask
  const asking = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: false }
  return { cert, key, minVersion: LEAST, ...asking }
}

const good = new WeakSet<Socket>()

/** Lets a unit's connection pass, where units must show a certificate only one whose is good. Throws `unauthenticated`, with the reason in `details.certificate`. */
export function checkCertificate(socket: Socket, options: TlsOptions | undefined): void {
  if (options?.ca === undefined || options.cert === undefined || good.has(socket)) return
  const fault = faultOf(socket)
  if (fault !== undefined) {
    throw new BanyanError(
      'unauthenticated',
      `this part of the surface is for units with a certificate that the authority of this app has signed, and the connection came ${
        fault === 'none' ? 'without one' : `with one that is not good (${fault})`
      }`,
      { details: { certificate: fault } },
    )
  }
  good.add(socket)
}

function faultOf(socket: Socket): string | undefined {
  // an empty one as well: where a session was resumed, some versions of Node say `authorized` of a connection that has shown none
  if (!(socket instanceof TLSSocket) || Object.keys(socket.getPeerCertificate()).length === 0) return 'none'
  return socket.authorized ? undefined : String(socket.authorizationError)
}

/** What a caller makes of the refusal of its certificate: a fault of the app's set-up, not of whoever it calls for. Others stay as they are. */
export function asCertificateRefusal(error: unknown, origin: string): unknown {
  if (!BanyanError.is(error, 'unauthenticated')) return error
  const { certificate } = error.details
  if (typeof certificate !== 'string') return error
  const why = certificate === 'none' ? 'this unit has none; set BANYAN_TLS_CERT and BANYAN_TLS_KEY' : `that of this unit is not good there (${certificate})`
  return new BanyanError('unavailable', `${origin} takes calls only from units with a certificate that its authority has signed, and ${why}`, {
    executed: 'no',
    details: { certificate },
    cause: error,
  })
}
