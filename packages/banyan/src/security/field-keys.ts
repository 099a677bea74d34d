import { createHash, hkdfSync } from 'node:crypto'
import { BanyanError } from '../kernel/errors.ts'
import type { Setting } from '../model/setting.ts'

/** The keys of fields: one that encrypts, and others that it replaced, which only decrypt. Each is `id:key`, the key 32 bytes in base64. */
export type FieldKeySource = Setting | { readonly current: string; readonly former?: readonly string[] }

/** One 256-bit key, known by a name that stands in what it has encrypted. */
export interface FieldKey {
  readonly id: string
  readonly secret: Buffer
}

/** The keys, the current one first. Throws `invalid_configuration`, which never quotes a key. */
export function readFieldKeys(source: FieldKeySource, variables: Readonly<Record<string, string | undefined>>): readonly [FieldKey, ...FieldKey[]] {
  const [first, ...others] = textsOf(source, variables).map(parseKey)
  const keys = [first!, ...others] as const
  const twice = keys.find(({ id }, index) => keys.findIndex((key) => key.id === id) !== index)
  if (twice) throw wrong(`two field keys have the id '${twice.id}'; each needs its own, since it says by which key a field is read`)
  return [...keys]
}

function textsOf(source: FieldKeySource, variables: Readonly<Record<string, string | undefined>>): readonly string[] {
  if (typeof source === 'object' && 'current' in source) return [source.current, ...(source.former ?? [])]
  const name = typeof source === 'string' ? undefined : source.name
  const text = typeof source === 'string' ? source : (variables[source.name] ?? source.fallback)
  if (text === undefined || text.trim() === '') {
    throw wrong(
      `${name ?? 'the text of field keys'} is ${text === undefined ? 'not set' : 'empty'}; it takes id:key, the current one first, with commas between them (openssl rand -base64 32)`,
    )
  }
  return text.split(',').map((key) => key.trim())
}

function parseKey(text: string, index: number): FieldKey {
  const colon = text.indexOf(':')
  const id = text.slice(0, Math.max(0, colon))
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(id))
    throw wrong(`field key number ${index + 1} does not begin with an id of 1 to 32 letters, digits, - or _ and a colon, as in 'k2026:…'`)
  const secret = Buffer.from(text.slice(colon + 1), 'base64')
  if (secret.length !== 32) throw wrong(`the field key '${id}' has ${secret.length} bytes; AES-256 takes 32 (openssl rand -base64 32)`)
  return { id, secret }
}

/** A key for one column, by HKDF with SHA-256 (RFC 5869): what a key may be used for at most counts for each column alone. */
export function columnKey({ secret }: FieldKey, table: string, column: string): Buffer {
  const info = createHash('sha256')
    .update(JSON.stringify(['banyan field', table, column]))
    .digest()
  return Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), info, 32))
}

function wrong(message: string): BanyanError {
  return new BanyanError('invalid_configuration', message)
}
