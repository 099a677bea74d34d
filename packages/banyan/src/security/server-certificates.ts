import { createSecureContext, type SecureContext, type SecureVersion, type TlsOptions as ServerTls } from 'node:tls'
import { BanyanError, messageOf } from '../kernel/errors.ts'
import type { Authorities, KeyPair } from './key-pair.ts'
import { ServerNames } from './server-names.ts'
import { listeningTls, type TlsOptions } from './tls.ts'

export interface ServedCertificate {
  readonly pair: KeyPair
  /** The names that it is shown to who asks for. */
  readonly names: readonly string[]
  /** Why it is still shown, though its files hold something else now. */
  readonly fault?: string
}

/** What a server shows, and whom it asks for a certificate. */
export interface ServedTls {
  /** The first is shown to who asks for no name that is known, unless the server has one of its own. */
  readonly certificates: readonly ServedCertificate[]
  readonly minimum: Extract<SecureVersion, 'TLSv1.2' | 'TLSv1.3'>
  /** Clients are asked for a certificate of these authorities; `undefined`: they are not. */
  readonly clients: { readonly authorities: Authorities; readonly required: boolean } | undefined
}

interface Loaded {
  readonly base: ServerTls
  readonly names: ServerNames<SecureContext>
  readonly asksClients: boolean
}

/**
 * The certificates of a server that listens, by the names that it is asked for (SNI, RFC 6066 §3). Others may take their place meanwhile:
 * handshakes from then on get the new ones, connections that are open go on.
 */
export class ServerCertificates {
  readonly #own: TlsOptions
  #loaded: Loaded
  readonly #listeners = new Set<(base: ServerTls) => void>()

  /** `own` is shown to who asks for no name that is known. Throws `invalid_configuration`. */
  constructor(own: TlsOptions | undefined, served: ServedTls | undefined) {
    this.#own = own ?? {}
    this.#loaded = this.#open(served)
  }

  /** Puts other certificates in the place of these, in one moment. Throws `invalid_configuration`, and then nothing changes. */
  load(served: ServedTls | undefined): void {
    const { base } = this.#loaded
    const next = this.#open(served)
    if (base.requestCert !== next.base.requestCert || base.rejectUnauthorized !== next.base.rejectUnauthorized)
      throw new BanyanError('invalid_configuration', 'tls.clients was added, taken away or changed in `required`, which takes a restart')
    this.#loaded = next
    for (const changed of this.#listeners) changed(next.base)
  }

  /** What a server begins to listen with. */
  get options(): ServerTls {
    return { ...this.#loaded.base, SNICallback: (name, done) => done(null, this.#loaded.names.find(name)) }
  }

  /** Whether clients are asked for a certificate, so that one is worth telling of. */
  get asksClients(): boolean {
    return this.#loaded.asksClients
  }

  /** Tells whenever what is shown to who asks for no name has changed. */
  onChange(changed: (base: ServerTls) => void): void {
    this.#listeners.add(changed)
  }

  #open(served: ServedTls | undefined): Loaded {
    const base = this.#base(served)
    // so that a server which listens already never takes half of what it cannot use
    contextOf(base)
    const names = new ServerNames<SecureContext>()
    for (const { pair, names: own } of served?.certificates ?? []) {
      const context = contextOf({ ...base, cert: pair.cert, key: pair.key })
      for (const name of own) names.add(name, context)
    }
    return { base, names, asksClients: served?.clients !== undefined }
  }

  #base(served: ServedTls | undefined): ServerTls {
    const [first] = served?.certificates ?? []
    const own = listeningTls(this.#own) ?? listeningTls(first && { cert: first.pair.cert, key: first.pair.key })
    if (!own) throw new BanyanError('invalid_configuration', 'tls has no certificate any more; a server that listens with TLS needs one, so restart without')
    const clients = served?.clients
    const asking = clients && { ca: clients.authorities.ca, requestCert: true, rejectUnauthorized: clients.required }
    return { ...own, ...(served && { minVersion: served.minimum }), ...asking }
  }
}

function contextOf({ cert, key, ca, minVersion }: ServerTls): SecureContext {
  try {
    return createSecureContext({ cert, key, ca, minVersion })
  } catch (error) {
    throw new BanyanError('invalid_configuration', `a certificate cannot be used: ${messageOf(error)}; make its files anew`, { cause: error })
  }
}
