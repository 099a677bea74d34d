import { broken } from './fault.ts'

const CR = 13
const LF = 10
/** Bytes of a head, or of trailers, with their line ends. */
const MAX_BYTES = 16 * 1024

/** What may stand in a line: a tab, and everything but control characters (RFC 9110 §5.5). */
const plain = new Uint8Array(256).map((_, byte) => (byte === 9 || (byte >= 32 && byte !== 127) ? 1 : 0))

/** Lines up to an empty one, as bytes bring them. Every line ends with CR LF, and neither stands by itself (RFC 9112 §2.2). */
export class LineBlock {
  /** What earlier bytes brought, since those are not kept. */
  #carried: Buffer | undefined
  #carriedLength = 0
  /** Whether nothing of the present line has come. */
  #lineIsEmpty = true
  #afterCr = false
  /** The lines with their ends, without the empty one; once `read` has found it. */
  text = ''

  /** Reads bytes from `at` to `end`. Gives the position behind the empty line; -1: more must come. Throws `BROKEN_ANSWER`. */
  read(bytes: Buffer, at: number, end: number): number {
    let i = at
    let empty = this.#lineIsEmpty
    let afterCr = this.#afterCr
    while (i < end) {
      const byte = bytes[i]!
      i++
      if (afterCr) {
        if (byte !== LF) throw broken('a carriage return without a line feed')
        if (empty) return this.#finish(bytes, at, i)
        afterCr = false
        empty = true
      } else if (plain[byte] === 1) {
        empty = false
        while (i < end && plain[bytes[i]!] === 1) i++
      } else if (byte === CR) afterCr = true
      else throw broken(byte === LF ? 'a line feed without a carriage return' : `the control character ${byte} in a line of its head`)
    }
    this.#lineIsEmpty = empty
    this.#afterCr = afterCr
    this.#carry(bytes, at, end)
    return -1
  }

  #finish(bytes: Buffer, at: number, end: number): number {
    if (this.#carriedLength + end - at > MAX_BYTES) throw tooLong()
    if (this.#carried === undefined) this.text = bytes.toString('latin1', at, end - 2)
    else {
      this.#carry(bytes, at, end)
      this.text = this.#carried.toString('latin1', 0, this.#carriedLength - 2)
      this.#carried = undefined
      this.#carriedLength = 0
    }
    this.#lineIsEmpty = true
    this.#afterCr = false
    return end
  }

  #carry(bytes: Buffer, at: number, end: number): void {
    if (this.#carriedLength + end - at > MAX_BYTES) throw tooLong()
    this.#carried ??= Buffer.allocUnsafe(MAX_BYTES)
    this.#carriedLength += bytes.copy(this.#carried, this.#carriedLength, at, end)
  }
}

function tooLong(): Error {
  return broken(`its head or its trailers are longer than ${MAX_BYTES} bytes`)
}
