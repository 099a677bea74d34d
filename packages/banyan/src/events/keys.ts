import { hash } from 'node:crypto'
import { BanyanError } from '../kernel/errors.ts'
import { isTimelessId, timelessId, timeOf } from '../kernel/id.ts'
import { canonicalJson } from '../kernel/json.ts'
import { sqlError } from '../store/sql-errors.ts'
import type { Sql } from '../store/sql.ts'
import type { KeyRecord } from './unit.ts'

/** How long the record of a key is kept, in milliseconds: 30 days. */
export const KEY_RETENTION: number = 30 * 86_400_000

/** How far a client's clock may be ahead, in milliseconds. */
const AHEAD = 86_400_000

/** What a command's key was recorded with. */
export type KeyIdentity = Pick<KeyRecord, 'key' | 'operation' | 'tenant' | 'subject'>

/** What was recorded: hash of the input and JSON text of the result. */
export type RecordedKey = Pick<KeyRecord, 'input' | 'result'>

/** What is recorded under a key, or nothing if it was not used. Throws what the connection throws. */
export async function findKey(sql: Sql, { key, operation, tenant, subject }: KeyIdentity): Promise<RecordedKey | undefined> {
  try {
    const { rows } = await sql.query<{ input: string; result: string }>(
      'select input, result::text as result from banyan_keys where key = $1 and operation = $2 and tenant = $3 and subject = $4',
      [key, operation, tenant, subject],
    )
    return rows[0]
  } catch (error) {
    throw sqlError(error)
  }
}

/** Hash of an input (SHA-256 of its canonical JSON), by which a repeat is told from another command under the same key. */
export function inputHash(input: unknown): string {
  return hash('sha256', canonicalJson(input ?? null), 'base64url')
}

/** What stands where the hash of a secret input would: it is no hash, so no input has it. */
export const NOT_KEPT = ''

/**
 * The result to answer a repeat with, as JSON text. Throws `key_reused` when the first use had another input, and `answer_not_kept` when
 * the command was secret then or is now.
 */
export function repeatedResult(by: string, key: Pick<KeyRecord, 'key' | 'input'>, found: RecordedKey): string {
  if (found.input === NOT_KEPT || key.input === NOT_KEPT) {
    throw new BanyanError(
      'answer_not_kept',
      `${by} was executed under the idempotency key ${key.key}; its answer is secret and was not kept, so send a new command under a new key`,
    )
  }
  if (found.input === key.input) return found.result
  throw new BanyanError('key_reused', `${by}: the idempotency key ${key.key} was used before with another input; a new command needs a new key`)
}

/**
 * The UUID that a client's idempotency key is recorded under. A UUIDv7 stays what it is, in lower case. Any other key becomes a UUIDv8
 * (RFC 9562) made of its SHA-256 behind 48 one-bits: after every time there will be, so it lies outside the months and never seems
 * expired; its record is kept for the retention after the first use, and a repeat after that is executed again.
 *
 * Throws `key_invalid` for a key that is not 1 to 255 visible ASCII characters or whose time is more than a day ahead, and `key_expired`
 * for one older than `retention` milliseconds: whether it was executed can no longer be told.
 */
export function keyOf(clientKey: string, now: number = Date.now(), retention: number = KEY_RETENTION): string {
  if (!/^[\x21-\x7e]{1,255}$/.test(clientKey)) {
    throw new BanyanError(
      'key_invalid',
      `The idempotency key has ${clientKey.length} characters, not all visible ASCII; send 1 to 255 visible ASCII characters, best a UUIDv7`,
    )
  }
  const time = timeOf(clientKey)
  if (time === undefined) return isTimelessId(clientKey) ? clientKey : timelessId(hash('sha256', clientKey, 'buffer'))
  if (time < now - retention) {
    throw new BanyanError(
      'key_expired',
      `The idempotency key ${clientKey} is of ${new Date(time).toISOString()}; keys are remembered for ${Math.round(retention / 86_400_000)} days. Use a new key`,
    )
  }
  if (time > now + AHEAD) {
    throw new BanyanError(
      'key_invalid',
      `The idempotency key ${clientKey} says it was made on ${new Date(time).toISOString()}, more than a day from now; correct the clock of the client`,
    )
  }
  return clientKey.toLowerCase()
}
