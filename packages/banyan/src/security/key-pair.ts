import { createHash, type X509Certificate } from 'node:crypto'
import { certificatesOf, checkKey } from './pem.ts'

/** Where two texts in PEM form came from: paths. */
export interface KeyPairSources {
  readonly certificate: string
  readonly key: string
}

/** A certificate, with those between it and its authority, and its private key. As JSON it says which one it is, and never the key. */
export class KeyPair {
  /** In PEM form. */
  readonly cert: string
  /** The names of servers that the certificate is for (RFC 9525 §2): exact ones, and such as `*.example.com`. In lower case. */
  readonly names: readonly string[]
  readonly sources: KeyPairSources
  readonly #own: X509Certificate
  readonly #key: string

  /** Throws `invalid_configuration` for texts that are not PEM, and for a key of another certificate. */
  constructor(cert: string, key: string, sources: KeyPairSources) {
    const [own] = certificatesOf(cert, sources.certificate)
    checkKey(own, key, { cert: sources.certificate, key: sources.key })
    this.cert = cert
    this.names = namesOf(own)
    this.sources = sources
    this.#own = own
    this.#key = key
  }

  /** In PEM form. */
  get key(): string {
    return this.#key
  }

  /** From then on nobody trusts it any more. */
  get expires(): Date {
    return new Date(this.#own.validTo)
  }

  /** Which certificate it is, as hexadecimal digits. */
  get fingerprint(): string {
    return digest(this.cert)
  }

  toJSON(): object {
    return { ...this.sources, names: this.names, expires: this.expires.toISOString(), sha256: this.fingerprint }
  }
}

/** Certificates of authorities that are trusted. As JSON it says which ones. */
export class Authorities {
  /** In PEM form. */
  readonly ca: string
  readonly #source: string

  /** Throws `invalid_configuration` for what is not PEM. */
  constructor(ca: string, source: string) {
    certificatesOf(ca, source)
    this.ca = ca
    this.#source = source
  }

  toJSON(): object {
    return { ca: this.#source, sha256: digest(this.ca) }
  }
}

/** Only alternative names count: what stands in the common name, browsers do not look at (RFC 9525 §6.3). */
function namesOf({ subjectAltName }: X509Certificate): readonly string[] {
  const entries = subjectAltName?.split(', ') ?? []
  return entries.filter((entry) => /^DNS:(?:\*\.)?[\w.-]+$/.test(entry)).map((entry) => entry.slice('DNS:'.length).toLowerCase())
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
