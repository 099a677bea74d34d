import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { BanyanError, messageOf } from '../kernel/errors.ts'

/** The certificates of a text in PEM form (RFC 7468), at least one. `from` is what messages call the text. Throws `invalid_configuration`. */
export function certificatesOf(text: string, from: string): readonly [X509Certificate, ...X509Certificate[]] {
  const [first, ...rest] = text.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g) ?? []
  if (first === undefined) throw fault(`${from} has no certificate in PEM form; it has a text with -----BEGIN CERTIFICATE-----`)
  return [certificate(first, from), ...rest.map((one) => certificate(one, from))]
}

/** The private key of a text in PEM form, which no message repeats. Throws `invalid_configuration`. */
export function privateKeyOf(text: string, from: string): KeyObject {
  try {
    return createPrivateKey(text)
  } catch (error) {
    throw fault(`${from} is no private key that can be read: ${messageOf(error)}; it is one in PEM form, without a passphrase`, error)
  }
}

/** Holds a key against the certificate that it should be of. Throws `invalid_configuration`. */
export function checkKey(own: X509Certificate, key: string, from: { readonly cert: string; readonly key: string }): void {
  if (own.checkPrivateKey(privateKeyOf(key, from.key))) return
  throw fault(`${from.key} is not the key of the certificate of ${from.cert} (${nameOf(own)}); give the key that the certificate was made with`)
}

function certificate(text: string, from: string): X509Certificate {
  try {
    return new X509Certificate(text)
  } catch (error) {
    throw fault(`${from} has a certificate that cannot be read: ${messageOf(error)}; make the file anew`, error)
  }
}

function fault(message: string, cause?: unknown): BanyanError {
  return new BanyanError('invalid_configuration', message, { cause })
}

/** How messages name a certificate: `CN=sales`. */
function nameOf({ subject }: X509Certificate): string {
  return subject ? subject.replaceAll('\n', ', ') : 'without a name'
}
