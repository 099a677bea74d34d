import { isUtf8 } from 'node:buffer'
import { COUNTED_HEAD_BYTES, FRAME_TEXT_BYTES, HEAD_BYTES, Kind, UNFINISHED } from './frame.ts'

/** What the other side has sent is not the wire's language, or more than is taken; the connection cannot go on. */
export class WireFault extends Error {
  override readonly name = 'WireFault'
}

export interface ReadLimits {
  /** Bytes of one message. */
  readonly messageBytes: number
  /** Bytes of all messages that have begun and not ended. */
  readonly unfinishedBytes: number
}

interface Unfinished {
  readonly kind: number
  readonly pieces: Buffer[]
  bytes: number
}

const last = Math.max(...Object.values(Kind))

/** Bytes as messages. It keeps at most one frame and what of long messages has come. */
export class FrameReader {
  readonly #limits: ReadLimits
  readonly #message: (kind: Kind, number: number, text: string) => void
  readonly #unfinished = new Map<number, Unfinished>()
  #unfinishedBytes = 0
  #rest: Buffer | undefined

  constructor(limits: ReadLimits, message: (kind: Kind, number: number, text: string) => void) {
    this.#limits = limits
    this.#message = message
  }

  /** Reads the next bytes of the connection. Throws `WireFault` for what is none of its language. */
  push(chunk: Buffer): void {
    const bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk
    let at = 0
    while (bytes.length - at >= HEAD_BYTES) {
      const length = bytes.readUInt32BE(at) - COUNTED_HEAD_BYTES
      // also a negative one, which is a frame without room for its own head
      if (length < 0 || length > FRAME_TEXT_BYTES) throw new WireFault(`a frame of ${length} bytes; the longest has ${FRAME_TEXT_BYTES}`)
      const from = at + HEAD_BYTES
      if (bytes.length - from < length) break
      at = from + length
      const kind = bytes[from - COUNTED_HEAD_BYTES]!
      const number = bytes.readUInt32BE(from - 4)
      if (kind & UNFINISHED || kind === Kind.more) this.#piece(kind, number, bytes.subarray(from, at))
      else this.#tell(kind, number, bytes, from, at)
    }
    this.#rest = at === bytes.length ? undefined : bytes.subarray(at)
  }

  #piece(kind: number, number: number, text: Buffer): void {
    if ((kind & ~UNFINISHED) === Kind.more) this.#more(kind, number, text)
    else this.#begin(kind & ~UNFINISHED, number, text)
  }

  #begin(kind: number, number: number, text: Buffer): void {
    if (this.#unfinished.has(number)) throw new WireFault(`message ${number} begins twice`)
    const begun: Unfinished = { kind, pieces: [], bytes: 0 }
    this.#unfinished.set(number, begun)
    this.#keep(begun, text)
  }

  #more(kind: number, number: number, text: Buffer): void {
    const begun = this.#unfinished.get(number)
    if (!begun) throw new WireFault(`more of message ${number}, which has not begun`)
    this.#keep(begun, text)
    if (kind & UNFINISHED) return
    this.#unfinished.delete(number)
    this.#unfinishedBytes -= begun.bytes
    this.#tell(begun.kind, number, Buffer.concat(begun.pieces), 0, begun.bytes)
  }

  #keep(begun: Unfinished, text: Buffer): void {
    const { messageBytes, unfinishedBytes } = this.#limits
    // a copy: a piece of what the socket gave would hold all of it
    begun.pieces.push(Buffer.from(text))
    begun.bytes += text.length
    this.#unfinishedBytes += text.length
    if (begun.bytes > messageBytes) throw new WireFault(`a message of more than ${messageBytes} bytes`)
    if (this.#unfinishedBytes > unfinishedBytes) throw new WireFault(`messages of more than ${unfinishedBytes} bytes, none of them whole`)
  }

  #tell(kind: number, number: number, bytes: Buffer, from: number, to: number): void {
    if (kind === 0 || kind > last) throw new WireFault(`a frame of kind ${kind}; there are 1 to ${last}`)
    const text = bytes.toString('utf8', from, to)
    // what is no UTF-8 leaves this mark in the text, which may also have been sent
    if (text.includes('\uFFFD') && !isUtf8(bytes.subarray(from, to))) throw new WireFault(`message ${number} is not UTF-8`)
    this.#message(kind as Kind, number, text)
  }
}
