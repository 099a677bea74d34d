import { isUtf8 } from 'node:buffer'
import { BanyanError, messageOf } from '../../kernel/errors.ts'

/** How deep arrays and objects may lie in each other: well below what exhausts the stack of whatever walks them later. */
const MAX_DEPTH = 100

/** Throws `unsupported_media_type` for a body that is not said to be JSON in UTF-8. */
export function checkContentType(given: string | undefined): void {
  if (given === 'application/json') return
  const [type = '', ...parameters] = (given ?? '').split(';').map((part) => part.trim().toLowerCase())
  const charset = parameters
    .find((parameter) => parameter.startsWith('charset='))
    ?.slice('charset='.length)
    .replaceAll('"', '')
  if (/^application\/(?:[\w.-]+\+)?json$/.test(type) && (charset === undefined || charset === 'utf-8')) return
  const what = given === undefined ? 'the body has no Content-Type' : `the body's Content-Type is '${given}'`
  throw new BanyanError('unsupported_media_type', `${what}; send JSON with Content-Type: application/json`)
}

/**
 * The value of a JSON text that came from outside. Fields named `__proto__` are left out, so that no later copy changes a prototype.
 * Throws `malformed_request` for what is no JSON (RFC 8259), no UTF-8, or nested too deep, and for characters that PostgreSQL cannot
 * store.
 */
export function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new BanyanError('malformed_request', 'the body is not UTF-8')
  return parseJsonText(bytes.toString())
}

/** As `parseJson`, of a text. */
export function parseJsonText(text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new BanyanError('malformed_request', `the body is not JSON: ${messageOf(error)}`)
  }
  const escapes = text.includes('\\u')
  if (text.length > MAX_DEPTH || escapes || text.includes('__proto__')) inspect(value, '', 0, escapes)
  return value
}

function inspect(value: unknown, path: string, depth: number, escapes: boolean): void {
  if (typeof value === 'string') {
    if (escapes) checkText(value, path)
    return
  }
  if (typeof value !== 'object' || value === null) return
  if (depth === MAX_DEPTH) throw new BanyanError('malformed_request', `the body is nested deeper than ${MAX_DEPTH} levels`)
  for (const [key, inner] of Object.entries(value)) {
    if (key === '__proto__') delete (value as Record<string, unknown>)[key]
    else {
      if (escapes) checkText(key, path)
      inspect(inner, escapes ? `${path}/${key}` : path, depth + 1, escapes)
    }
  }
}

/** Throws `malformed_request` for characters that PostgreSQL cannot store. */
export function checkText(text: string, where: string): void {
  if (text.includes('\0')) throw new BanyanError('malformed_request', `${where || 'the request'} holds the character U+0000, which cannot be stored; remove it`)
  if (!text.isWellFormed())
    throw new BanyanError('malformed_request', `${where || 'the request'} holds half of a surrogate pair, which is no character; remove it`)
}
