import { messageOf } from '../kernel/errors.ts'

interface ConnectionError extends Error {
  readonly code?: string
  /** What another error is about. */
  readonly reason?: string
}

/** Signed by nobody that is trusted, in OpenSSL's words. */
const untrusted = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
])

/**
 * That and why nothing is to be had from an address: the certificate it shows, TLS on one side only, or what the system says. `authorities`:
 * the variable that names those that are trusted there.
 */
export function unreachable(origin: string, error: unknown, authorities = 'BANYAN_TLS_CA'): string {
  return `${origin} cannot be reached: ${reasonOf(origin, error as ConnectionError, authorities)}`
}

function reasonOf(origin: string, error: ConnectionError, authorities: string): string {
  const { code = '' } = error
  if (untrusted.has(code)) return `its certificate is signed by nobody that is trusted here (${code}); ${authorities} names the authorities that are`
  if (code === 'UND_ERR_HEADERS_TIMEOUT') return 'it took a request and gave no answer in time'
  if (code === 'CERT_HAS_EXPIRED') return `its certificate has expired (${code})`
  if (code === 'CERT_NOT_YET_VALID') return `its certificate is not valid yet (${code}); is a clock wrong?`
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `its certificate is for other names (${error.reason ?? messageOf(error)})`
  // which comes after the handshake where the other side looks at it only then (TLS 1.3)
  if (/_ALERT_(?:CERTIFICATE|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA|NO_CERTIFICATE)/.test(code)) {
    return `it does not take the certificate of this side, or wants one (${code}); this side needs one that it trusts`
  }
  // what OpenSSL says of an answer that is no TLS
  if (/wrong version number|packet length too long|unknown protocol/.test(error.message)) {
    return `it does not speak TLS; if it speaks plain HTTP, its address begins with http://`
  }
  if (/^(socket hang up|other side closed)$/.test(error.message)) {
    const hint = origin.startsWith('http:')
      ? 'if it speaks TLS, its address begins with https://'
      : 'if it wants a certificate, this side needs one that it trusts'
    return `${error.message}; ${hint}`
  }
  return messageOf(error)
}
