import { BanyanError, messageOf } from '../kernel/errors.ts'

/** What stands in a log where a secret was. */
export const REDACTED = '[redacted]'

const MAX_DEPTH = 12
// compared without case, `-` and `_`; parts of names, so that `accessToken` and `db_password` are caught too
const secretPart = /authorization|cookie|passw|passphrase|secret|token|apikey|privatekey|credential|cardnumber|creditcard|securitycode/
const secretWhole = new Set(['auth', 'pan', 'pin', 'cvv', 'cvc', 'cvv2', 'ssn', 'iban', 'card', 'accountnumber'])
const known = new Map<string, boolean>()

/** Whether a field of this name is kept out of logs. */
export function isSecretName(name: string): boolean {
  const before = known.get(name)
  if (before !== undefined) return before
  const plain = name.toLowerCase().replaceAll(/[-_ .]/g, '')
  const secret = secretWhole.has(plain) || secretPart.test(plain)
  if (known.size < 10_000) known.set(name, secret) // bounded: names may come from outside
  return secret
}

const secretText =
  /\b(Bearer|Basic)\s+[\w.~+/=-]{8,}|\beyJ[\w-]{4,}\.[\w-]+\.[\w-]*|\b[a-z][a-z\d]{1,15}_[\da-z]{12}_[\da-z]{49}\b|(\b[a-z][a-z\d+.-]*:\/\/[^\s/:@]*:)[^\s/@]+(?=@)/gi

/** Text without what looks like a bearer token, a JSON Web Token, an API key or the password of an address. */
export function redactText(text: string): string {
  if (!text.includes('eyJ') && !text.includes('://') && !/bearer|basic|_\w{12}_\w{49}/i.test(text)) return text
  return text.replaceAll(secretText, (_match, scheme: string | undefined, address: string | undefined) => (scheme ? `${scheme} ` : (address ?? '')) + REDACTED)
}

/**
 * A copy of a value as it may be logged: fields with secret names are blanked at any depth, errors become plain fields, and what JSON
 * cannot say (cycles, bigint, bytes, great depth) is named instead. Never throws, and never changes what it is given.
 */
export function redact(value: unknown): unknown {
  return copy(value, 0, [])
}

function copy(value: unknown, depth: number, above: readonly object[]): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'function' || typeof value === 'symbol') return undefined
  if (typeof value !== 'object' || value === null) return value
  if (above.includes(value)) return '[circular]'
  if (depth > MAX_DEPTH) return '[too deep]'
  try {
    return copyObject(value, depth, [...above, value])
  } catch {
    return '[unreadable]' // a getter or toJSON of the logged value threw; a log line must not
  }
}

function copyObject(value: object, depth: number, above: readonly object[]): unknown {
  const deeper = (inner: unknown) => copy(inner, depth + 1, above)
  if (value instanceof Error) return fieldsOf(errorFields(value), deeper)
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`
  if (Array.isArray(value)) return value.map(deeper)
  if (value instanceof Map) return fieldsOf(Object.fromEntries([...value].map(([key, inner]) => [String(key), inner as unknown])), deeper)
  if (value instanceof Set) return [...value].map(deeper)
  if ('toJSON' in value && typeof value.toJSON === 'function') return deeper(value.toJSON())
  return fieldsOf(value, deeper)
}

function fieldsOf(value: object, deeper: (inner: unknown) => unknown): object {
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, isSecretName(name) && inner !== undefined && inner !== null ? REDACTED : deeper(inner)]),
  )
}

function errorFields(error: Error): object {
  // message, stack and cause are not enumerable; what an error adds to itself is
  const { name: type, message, stack, cause } = error
  const fields = { ...error, type, message, name: undefined, '~banyan': undefined }
  // what happens now and then and is tried again is no fault: where in the code it was thrown tells nobody anything
  if (BanyanError.is(error) && error.retryable) return { ...fields, ...(cause === undefined ? {} : { cause: messageOf(cause) }) }
  return { ...fields, stack, ...(cause === undefined ? {} : { cause }) }
}
