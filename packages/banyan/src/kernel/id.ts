import { hash, randomFillSync } from 'node:crypto'

const pool = new Uint8Array(4096)
let used = pool.length
let lastTime = 0
let counter = 0

/** Where in the pool so many random bytes are that nobody has used. */
function random(count: number): number {
  if (used + count > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += count
  return used - count
}

/** A UUIDv7 (RFC 9562): unique, and ordered by time also within one millisecond of one process. */
export function uuidv7(now: number = Date.now()): string {
  if (now > lastTime) {
    lastTime = now
    counter = (pool[random(1)]! << 3) & 0x7ff
  } else if (++counter > 0xfff) {
    lastTime++
    counter = 0
  }
  return format(lastTime, counter, pool, random(8))
}

/**
 * An id that depends on nothing but its arguments: the same parent and path give the same one, so that a repeated step uses the same
 * idempotency key. A UUIDv7 of its parent's time; where the parent is none, a UUIDv8 (RFC 9562) behind all times.
 */
export function derivedId(parent: string, ...path: readonly (string | number)[]): string {
  // by way of a string, since a digest as a buffer takes twice as long
  const digest = Buffer.from(hash('sha256', JSON.stringify([parent, ...path]), 'binary'), 'binary')
  const time = timeOf(parent)
  return time === undefined ? timelessId(digest) : format(time, digest.readUInt16BE(8) & 0xfff, digest, 0)
}

/** A UUIDv8 of 16 bytes or more, behind every time a UUIDv7 can have, so that it never seems old. */
export function timelessId(bytes: Uint8Array): string {
  const digits = Buffer.from(bytes.subarray(0, 10)).toString('hex')
  const variant = (8 + (bytes[1]! & 3)).toString(16)
  return `${TIMELESS}${digits.slice(0, 3)}-${variant}${digits.slice(4, 7)}-${digits.slice(7, 19)}`
}
const TIMELESS = 'ffffffff-ffff-8'

export function isTimelessId(text: string): boolean {
  return text.startsWith(TIMELESS) && text.length === 36
}

/** The milliseconds since 1970 inside a UUIDv7; `undefined` for any other text. */
export function timeOf(id: string): number | undefined {
  return isUuidv7(id) ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : undefined
}

export function isUuidv7(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i.test(text)
}

/** The text of the id being made; all ids are written into it, since text put together from parts takes four times as long. */
const text = Buffer.alloc(36, '-')
const digits = Buffer.from('0123456789abcdef')

function format(time: number, twelve: number, tail: Uint8Array, from: number): string {
  for (let byte = 0; byte < 4; byte++) write(2 * byte, Math.floor(time / 2 ** (40 - 8 * byte)))
  write(9, time >>> 8)
  write(11, time)
  write(14, 0x70 | (twelve >> 8))
  write(16, twelve)
  write(19, (tail[from]! & 0x3f) | 0x80)
  write(21, tail[from + 1]!)
  for (let byte = 2; byte < 8; byte++) write(20 + 2 * byte, tail[from + byte]!)
  return text.toString('latin1')
}

function write(at: number, byte: number): void {
  text[at] = digits[(byte >>> 4) & 15]!
  text[at + 1] = digits[byte & 15]!
}
