import { hash, randomFillSync } from 'node:crypto'

const pool = new Uint8Array(4096)
let used = pool.length
let lastTime = 0
let counter = 0

function random(count: number): Uint8Array {
  if (used + count > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += count
  return pool.subarray(used - count, used)
}

const hex: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** A UUIDv7 (RFC 9562): unique, and ordered by time also within one millisecond of one process. */
export function uuidv7(now: number = Date.now()): string {
  if (now > lastTime) {
    lastTime = now
    counter = (random(2)[0]! << 3) & 0x7ff
  } else if (++counter > 0xfff) {
    lastTime++
    counter = 0
  }
  const tail = random(8)
  return format(lastTime, counter, tail)
}

/**
 * An id that depends on nothing but its arguments: the same parent and path give the same one, so that a repeated step uses the same
 * idempotency key. A UUIDv7 of its parent's time; where the parent is none, a UUIDv8 (RFC 9562) behind all times.
 */
export function derivedId(parent: string, ...path: readonly (string | number)[]): string {
  const digest = hash('sha256', JSON.stringify([parent, ...path]), 'buffer')
  const time = timeOf(parent)
  return time === undefined ? timelessId(digest) : format(time, digest.readUInt16BE(8) & 0xfff, digest.subarray(0, 8))
}

/** A UUIDv8 of 16 bytes or more, behind every time a UUIDv7 can have, so that it never seems old. */
export function timelessId(bytes: Uint8Array): string {
  const digits = Array.from(bytes.subarray(0, 10), (byte) => hex[byte]).join('')
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

function format(time: number, twelve: number, tail: Uint8Array): string {
  const head = time.toString(16).padStart(12, '0')
  const variant = hex[(tail[0]! & 0x3f) | 0x80]!
  return `${head.slice(0, 8)}-${head.slice(8)}-7${twelve.toString(16).padStart(3, '0')}-${variant}${hex[tail[1]!]}-${hex[tail[2]!]}${hex[tail[3]!]}${hex[tail[4]!]}${hex[tail[5]!]}${hex[tail[6]!]}${hex[tail[7]!]}`
}
