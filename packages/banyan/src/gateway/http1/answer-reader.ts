import { answerHead, trailerFields, type AnswerHead } from './answer-head.ts'
import { ChunkedBody } from './chunked-body.ts'
import { broken } from './fault.ts'
import { LineBlock } from './line-block.ts'

/** What an answer is made of, told in order as it comes. */
export interface AnswerParts {
  /** An answer before the answer (RFC 9110 §15.2). */
  informed(status: number, fields: string[]): void
  begin(head: AnswerHead): void
  /** The bytes are the receiver's. */
  data(chunk: Buffer): void
  /** `surplus`: whether bytes have come that belong to no answer. */
  end(trailers: string[], surplus: boolean): void
}

const none: string[] = []
/** Answers before an answer. */
const MAX_INFORMED = 32

/** Reads answers from the bytes of a connection (RFC 9112), one for each `expect`. */
export class AnswerReader {
  readonly #parts: AnswerParts
  readonly #lines = new LineBlock()
  #reading: 'nothing' | 'head' | 'length' | 'chunks' | 'trailers' | 'until close' = 'nothing'
  #method = ''
  #left = 0
  #informed = 0
  #chunks: ChunkedBody | undefined

  constructor(parts: AnswerParts) {
    this.#parts = parts
  }

  /** The next bytes are the answer to a request with this method. */
  expect(method: string): void {
    this.#reading = 'head'
    this.#method = method
    this.#informed = 0
  }

  /** Nothing more is told. */
  stop(): void {
    this.#reading = 'nothing'
  }

  /** Takes the first `length` of the bytes, which are not kept, and may change them. Throws `BROKEN_ANSWER`. */
  read(bytes: Buffer, length: number): void {
    let at = 0
    while (at < length) {
      switch (this.#reading) {
        case 'head':
          at = this.#readHead(bytes, at, length)
          break
        case 'length':
          at = this.#readLength(bytes, at, length)
          break
        case 'chunks':
          at = this.#readChunks(bytes, at, length)
          break
        case 'trailers':
          at = this.#readTrailers(bytes, at, length)
          break
        case 'until close':
          this.#parts.data(copy(bytes, at, length))
          return
        case 'nothing':
          return
      }
    }
  }

  /** The other side has said all that it will: whether that is the end of the answer. */
  close(): boolean {
    if (this.#reading !== 'until close') return false
    this.#end(none, false)
    return true
  }

  #readHead(bytes: Buffer, at: number, length: number): number {
    const behind = this.#lines.read(bytes, at, length)
    if (behind < 0) return length
    const head = answerHead(this.#lines.text, this.#method)
    const { status, fields, body } = head
    if (status < 200) {
      if (status === 101) throw broken('it switches protocols, which nobody has asked for')
      if (++this.#informed > MAX_INFORMED) throw broken(`more than ${MAX_INFORMED} answers before the answer`)
      this.#parts.informed(status, fields)
      return behind
    }
    if (body === 'chunked') this.#chunks = new ChunkedBody()
    else if (body !== 'close') this.#left = body
    this.#reading = body === 'chunked' ? 'chunks' : body === 'close' ? 'until close' : 'length'
    this.#parts.begin(head)
    if (body === 0) this.#end(none, behind < length)
    return behind
  }

  #readLength(bytes: Buffer, at: number, length: number): number {
    const end = Math.min(length, at + this.#left)
    this.#left -= end - at
    this.#parts.data(copy(bytes, at, end))
    if (this.#left === 0) this.#end(none, end < length)
    return end
  }

  #readChunks(bytes: Buffer, at: number, length: number): number {
    const chunks = this.#chunks!
    const end = chunks.decode(bytes, at, length)
    if (end > at) this.#parts.data(copy(bytes, at, end))
    if (chunks.whole && this.#reading === 'chunks') this.#reading = 'trailers'
    return chunks.position
  }

  #readTrailers(bytes: Buffer, at: number, length: number): number {
    const behind = this.#lines.read(bytes, at, length)
    if (behind < 0) return length
    this.#end(this.#lines.text === '' ? none : trailerFields(this.#lines.text), behind < length)
    return behind
  }

  #end(trailers: string[], surplus: boolean): void {
    if (this.#reading === 'nothing') return // whoever was told something wants no more
    this.#reading = 'nothing'
    this.#parts.end(trailers, surplus)
  }
}

function copy(bytes: Buffer, from: number, to: number): Buffer {
  const chunk = Buffer.allocUnsafe(to - from)
  bytes.copy(chunk, 0, from, to)
  return chunk
}
