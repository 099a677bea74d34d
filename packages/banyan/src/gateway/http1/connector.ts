import { connect as connectPlain, isIP, type OnReadOpts, type Socket } from 'node:net'
import { connect as connectSecure, type ConnectionOptions } from 'node:tls'
import { callingTls, type TlsOptions } from '../../security/tls.ts'

/** Where a server is, and how it is known. */
export interface Server {
  /** `http://10.0.0.7:8080` */
  readonly origin: string
  /** What its certificate must be for. An address is no server name (RFC 6066 §3): then the certificate is held against the address in `origin`. */
  readonly servername: string | undefined
  readonly tls: TlsOptions
}

export interface Opened {
  readonly socket: Socket
  /** The event that tells that it may be written to. */
  readonly ready: 'connect' | 'secureConnect'
}

/** Takes the first `length` of the bytes, which are there only until it returns. */
export type Reading = (length: number, bytes: Buffer) => void

/** Opens a connection. Errors come as events. */
export type Connector = (reading: Reading) => Opened

/** Milliseconds of silence until the system asks whether the other side is still there. */
const KEEP_ALIVE_MS = 60_000
const READ_BYTES = 64 * 1024
/** As much as one record of TLS brings (RFC 8446 §5.1). */
const READ_SECURE_BYTES = 16 * 1024

// what a read brings is looked at before the next one, whichever connection that is of
const shared = Buffer.allocUnsafeSlow(READ_BYTES)

export function connectorTo({ origin, servername, tls }: Server): Connector {
  const { protocol, hostname, port } = new URL(origin)
  const host = hostname.replace(/^\[|\]$/g, '')
  const both = { host, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS }
  if (protocol !== 'https:') {
    const options = { ...both, port: Number(port || 80) }
    return (reading) => ({ socket: connectPlain({ ...options, onread: { buffer: shared, callback: onRead(reading) } }), ready: 'connect' })
  }
  const named = servername === undefined || isIP(servername) !== 0 ? {} : { servername }
  const options = { ...both, ...callingTls(tls), ...named, port: Number(port || 443), ALPNProtocols: ['http/1.1'] }
  let session: Buffer | undefined
  return (reading) => {
    // TLS hands over what it has of a record in turns of its own
    const onread: OnReadOpts = { buffer: Buffer.allocUnsafeSlow(READ_SECURE_BYTES), callback: onRead(reading) }
    const secure: ConnectionOptions & { readonly onread: OnReadOpts } = { ...options, ...(session && { session }), onread }
    const socket = connectSecure(secure)
    socket.on('session', (ticket) => void (session = ticket))
    return { socket, ready: 'secureConnect' }
  }
}

function onRead(reading: Reading): OnReadOpts['callback'] {
  return (length, bytes) => {
    reading(length, bytes as Buffer)
    return true
  }
}
