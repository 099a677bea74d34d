import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { BanyanError } from '../kernel/errors.ts'
import { columnKey, readFieldKeys, type FieldKey, type FieldKeySource } from './field-keys.ts'

/** Where a field stands. What was encrypted for one place cannot be read at another. */
export interface FieldPlace {
  readonly table: string
  readonly column: string
  /** The row's primary key. */
  readonly row: string
}

/** Encrypts single fields before they are stored. */
export interface FieldKeys {
  /** `banyan.1.<key id>.<nonce>.<ciphertext and tag>`; another text every time. Throws `invalid_configuration` where the keys are wrong. */
  encrypt(text: string, place: FieldPlace): string
  /** The text. Throws `field_unreadable` for what was encrypted by an unknown key, for another place, or has been changed. */
  decrypt(encrypted: string, place: FieldPlace): string
  /** The same text under the current key; what is under it already comes back as it was. For a job that goes through the rows after a rotation. */
  reencrypt(encrypted: string, place: FieldPlace): string
  /** How many fields this process has encrypted by the current key, for the column where they are most. */
  readonly used: number
}

const NONCE_BYTES = 12
const TAG_BYTES = 16
/** Invocations of one key with random nonces: NIST SP 800-38D §8.3. */
const MOST = 2 ** 32

/**
 * Field encryption with AES-256-GCM (NIST SP 800-38D): a random 96-bit nonce for each field, and its place as authenticated data. The first key
 * encrypts, all decrypt: to rotate, put a new key in front and leave the former ones until `reencrypt` has gone through all rows.
 *
 * Random nonces bound a key to 2^32 fields for each column (at 1,000 writes a second, 49 days): `used` counts those of this process, and
 * beyond the bound `encrypt` refuses. Keys are read when first used, so that a configuration is loaded without them.
 */
export function fieldKeys(source: FieldKeySource): FieldKeys {
  let keys: readonly [FieldKey, ...FieldKey[]] | undefined
  const read = () => (keys ??= readFieldKeys(source, process.env))
  const columns = new Map<string, Buffer>()
  const counts = new Map<string, number>()

  function keyFor(key: FieldKey, { table, column }: FieldPlace): Buffer {
    const name = JSON.stringify([key.id, table, column])
    let found = columns.get(name)
    if (!found) columns.set(name, (found = columnKey(key, table, column)))
    return found
  }

  function count({ table, column }: FieldPlace, { id }: FieldKey): void {
    const name = JSON.stringify([table, column])
    const next = (counts.get(name) ?? 0) + 1
    if (next > MOST)
      throw new BanyanError('invalid_configuration', `the field key '${id}' has encrypted 2^32 fields of ${table}.${column}; put a new key in front`)
    counts.set(name, next)
  }

  function encrypt(text: string, place: FieldPlace): string {
    const [key] = read()
    count(place, key)
    const nonce = randomBytes(NONCE_BYTES)
    return seal(key.id, keyFor(key, place), nonce, text, place)
  }

  function decrypt(encrypted: string, place: FieldPlace): string {
    const { id, nonce, sealed } = parse(encrypted, place)
    const all = read()
    const key = all.find((candidate) => candidate.id === id)
    if (!key)
      throw unreadable(
        place,
        `was encrypted by the key '${id}', and there are only [${all.map((candidate) => candidate.id).join(', ')}]; add it to the former keys`,
      )
    return open(key.id, keyFor(key, place), nonce, sealed, place)
  }

  return {
    encrypt,
    decrypt,
    reencrypt: (encrypted, place) =>
      parse(encrypted, place).id === read()[0].id ? (decrypt(encrypted, place), encrypted) : encrypt(decrypt(encrypted, place), place),
    get used() {
      return Math.max(0, ...counts.values())
    },
  }
}

/** What is authenticated with a field, unambiguously: version, key and place. */
function boundTo(id: string, { table, column, row }: FieldPlace): Buffer {
  return Buffer.from(JSON.stringify(['banyan.1', id, table, column, row]))
}

/** For test vectors: everything but the choice of the nonce. */
export function seal(id: string, key: Buffer, nonce: Buffer, text: string, place: FieldPlace): string {
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(boundTo(id, place))
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return `banyan.1.${id}.${nonce.toString('base64url')}.${sealed.toString('base64url')}`
}

function open(id: string, key: Buffer, nonce: Buffer, sealed: Buffer, place: FieldPlace): string {
  const cut = sealed.length - TAG_BYTES
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(boundTo(id, place)).setAuthTag(sealed.subarray(cut))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, cut)), decipher.final()]).toString('utf8')
  } catch (error) {
    throw unreadable(place, `was encrypted for another place or by another key called '${id}', or was changed since`, error)
  }
}

function parse(encrypted: string, place: FieldPlace): { id: string; nonce: Buffer; sealed: Buffer } {
  const [name, version, id, nonceText, sealedText, ...rest] = encrypted.split('.')
  if (name !== 'banyan' || id === undefined || nonceText === undefined || sealedText === undefined || rest.length > 0)
    throw unreadable(place, 'is not an encrypted field, which begins with banyan.1; was it stored as it is?')
  if (version !== '1') throw unreadable(place, `was encrypted in version '${version}' of the format, and this is version 1`)
  const [nonce, sealed] = [Buffer.from(nonceText, 'base64url'), Buffer.from(sealedText, 'base64url')]
  if (nonce.length !== NONCE_BYTES || sealed.length < TAG_BYTES || sealed.toString('base64url') !== sealedText || nonce.toString('base64url') !== nonceText)
    throw unreadable(place, 'is cut short or was changed')
  return { id, nonce, sealed }
}

function unreadable({ table, column, row }: FieldPlace, what: string, cause?: unknown): BanyanError {
  return new BanyanError('field_unreadable', `${table}.${column} of row '${row}' ${what}`, { details: { table, column, row }, cause })
}
