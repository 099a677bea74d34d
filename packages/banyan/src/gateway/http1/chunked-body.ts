import { broken } from './fault.ts'

const CR = 13
const LF = 10
const SEMICOLON = 59
/** Bytes of the line before a chunk, with its extensions. */
const MAX_LINE = 4_096

/** The values of the bytes that are hexadecimal digits; -1: it is none. */
const digits = new Int8Array(256).map((_, byte) => {
  const value = Number.parseInt(String.fromCharCode(byte), 16)
  return Number.isNaN(value) ? -1 : value
})

/** RFC 9112 §7.1.1, without the blanks that it calls bad. */
const extensions = /^(?:;[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:=(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+|"(?:[\t !#-[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"))?)+$/

/** Where in the coding the next byte stands. */
type Place = 'first digit' | 'digit' | 'extension' | 'end of size' | 'data' | 'after data' | 'end of data'

/** Takes a body out of chunked coding (RFC 9112 §7.1). Extensions of chunks are ignored. */
export class ChunkedBody {
  #place: Place = 'first digit'
  /** Of the present chunk; while it is read, what is left of it. */
  #size = 0
  #line = 0
  #extension = ''
  /** Whether the last chunk has been read; trailers follow. */
  whole = false
  /** Behind what the last `decode` has taken. */
  position = 0

  /**
   * Takes bytes from `at` to `end`, and moves the data in them together so that it begins at `at`. Gives the position behind the data. Throws
   * `BROKEN_ANSWER`.
   */
  decode(bytes: Buffer, at: number, end: number): number {
    let to = at
    let i = at
    while (i < end) {
      if (this.#place === 'data') {
        const length = Math.min(this.#size, end - i)
        if (to !== i) bytes.copyWithin(to, i, i + length)
        to += length
        i += length
        this.#size -= length
        if (this.#size === 0) this.#place = 'after data'
        continue
      }
      this.#step(bytes[i]!)
      i++
      if (this.whole) break
    }
    this.position = i
    return to
  }

  #step(byte: number): void {
    switch (this.#place) {
      case 'first digit':
      case 'digit':
        return this.#readSize(byte)
      case 'extension':
        this.#count()
        if (byte !== CR) return void (this.#extension += String.fromCharCode(byte))
        if (!extensions.test(this.#extension)) throw broken(`${JSON.stringify(this.#extension)} is no extension of a chunk`)
        this.#extension = ''
        this.#place = 'end of size'
        return
      case 'end of size':
        if (byte !== LF) throw broken('the line before a chunk does not end with CR LF')
        this.#line = 0
        if (this.#size === 0) this.whole = true
        else this.#place = 'data'
        return
      case 'after data':
        if (byte !== CR) throw broken('a chunk is longer than its size')
        this.#place = 'end of data'
        return
      case 'end of data':
        if (byte !== LF) throw broken('a chunk does not end with CR LF')
        this.#place = 'first digit'
        return
      case 'data':
    }
  }

  #readSize(byte: number): void {
    const digit = digits[byte]!
    this.#count()
    if (digit >= 0) {
      this.#size = this.#size * 16 + digit
      if (!Number.isSafeInteger(this.#size)) throw broken('a chunk has a size that is no number of bytes')
      this.#place = 'digit'
    } else if (this.#place === 'digit' && byte === CR) this.#place = 'end of size'
    else if (this.#place === 'digit' && byte === SEMICOLON) {
      this.#place = 'extension'
      this.#extension = ';'
    } else throw broken(`the size of a chunk has the character ${JSON.stringify(String.fromCharCode(byte))}`)
  }

  #count(): void {
    if (++this.#line > MAX_LINE) throw broken(`the line before a chunk is longer than ${MAX_LINE} bytes`)
  }
}
