/**
 * One-dimensional PostgreSQL arrays in the binary wire format (`array_recv`): a third faster to commit than array literals, in which
 * every quote of a JSON text is escaped and unescaped again. node-postgres sends a Buffer as a binary parameter.
 */
export function int4Array(values: readonly number[]): Buffer {
  const { bytes, view } = header(23, values.length, values.length * 8)
  let at = START
  for (const value of values) {
    view.setInt32(at, 4)
    view.setInt32(at + 4, value)
    at += 8
  }
  return bytes
}

export function textArray(values: readonly string[]): Buffer {
  return texts(25, values)
}

export function jsonArray(values: readonly string[]): Buffer {
  return texts(114, values)
}

/** Throws `TypeError` for a text that is not a UUID of 32 hexadecimal digits and 4 dashes. */
export function uuidArray(values: readonly string[]): Buffer {
  const { bytes, view } = header(2950, values.length, values.length * 20)
  let at = START
  for (const value of values) {
    view.setInt32(at, 16)
    at += 4
    for (let i = 0; i < 36; i += 2) {
      if (i === 8 || i === 13 || i === 18 || i === 23) i++
      const high = digits[value.charCodeAt(i)] ?? -1
      const low = digits[value.charCodeAt(i + 1)] ?? -1
      if (high < 0 || low < 0) throw new TypeError(`'${value}' is not a UUID`)
      bytes[at++] = (high << 4) | low
    }
    if (value.length !== 36) throw new TypeError(`'${value}' is not a UUID`)
  }
  return bytes
}

/** Where the elements begin. */
const START = 20

const digits: readonly number[] = Array.from({ length: 103 }, (_, code) => '0123456789abcdef'.indexOf(String.fromCharCode(code).toLowerCase()))

function header(elementType: number, count: number, size: number): { bytes: Buffer; view: DataView } {
  const bytes = Buffer.allocUnsafe(count === 0 ? 12 : START + size)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  view.setInt32(0, count === 0 ? 0 : 1)
  view.setInt32(4, 0)
  view.setInt32(8, elementType)
  if (count > 0) {
    view.setInt32(12, count)
    view.setInt32(16, 1)
  }
  return { bytes, view }
}

function texts(elementType: number, values: readonly string[]): Buffer {
  let most = 0
  // a UTF-16 unit takes at most three bytes of UTF-8
  for (const value of values) most += 4 + value.length * 3
  const { bytes, view } = header(elementType, values.length, most)
  if (values.length === 0) return bytes
  let at = START
  for (const value of values) {
    const length = bytes.write(value, at + 4)
    view.setInt32(at, length)
    at += 4 + length
  }
  return bytes.subarray(0, at)
}
