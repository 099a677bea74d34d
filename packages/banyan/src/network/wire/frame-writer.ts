import { COUNTED_HEAD_BYTES, FRAME_TEXT_BYTES, HEAD_BYTES, Kind, UNFINISHED } from './frame.ts'

const SLAB_BYTES = 64 * 1024
/** A slab with less room than this is not begun again. */
const ROOM_BYTES = 4 * 1024
/** A character of a JavaScript string is at most so many bytes of UTF-8. */
const BYTES_OF_A_CHARACTER = 3
/**
 * So many leave before their turn of the event loop is over, so that the other side works on them meanwhile: otherwise both sides wait for
 * each other in turns, which halves the calls per second of 64 in flight.
 */
const EARLY_MESSAGES = 16

/** Where bytes go. */
export interface Sink {
  /** Takes them, and says whether it wants more now; if not, `drained` tells when. */
  write(bytes: Buffer): boolean
  /** Whether nothing of what it was given is still needed. */
  readonly idle: boolean
}

/** A message of which a part has been sent. */
interface Rest {
  readonly number: number
  readonly text: Buffer
  at: number
}

/**
 * Messages as frames: those of one turn of the event loop leave together, unless they are many, and what is longer than a frame leaves piece by piece, as the
 * other side takes it, so that nothing short waits behind it.
 */
export class FrameWriter {
  readonly #sink: Sink
  readonly #rests: Rest[] = []
  #slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
  #from = 0
  #to = 0
  #batch = 0
  #scheduled = false
  #gathered = 0
  #full = false

  constructor(sink: Sink) {
    this.#sink = sink
  }

  /** The batch that is being gathered; those with a lower number have been sent. */
  get batch(): number {
    return this.#batch
  }

  /** Bytes that are not sent yet. */
  get waiting(): number {
    return this.#to - this.#from + this.#rests.reduce((sum, { text, at }) => sum + text.length - at, 0)
  }

  /** Adds a message. It begins to leave before the event loop turns. */
  add(kind: Kind, number: number, text: string): void {
    const most = text.length * BYTES_OF_A_CHARACTER
    if (most > FRAME_TEXT_BYTES - HEAD_BYTES) {
      this.#addLong(kind, number, Buffer.from(text))
      return
    }
    if (this.#to + HEAD_BYTES + most > SLAB_BYTES) this.#renew()
    const length = text === '' ? 0 : this.#slab.write(text, this.#to + HEAD_BYTES)
    head(this.#slab, this.#to, { kind, number, length })
    this.#to += HEAD_BYTES + length
    if (++this.#gathered >= EARLY_MESSAGES) return this.flush()
    if (this.#scheduled) return
    this.#scheduled = true
    process.nextTick(flush, this)
  }

  /** Sends what was added. */
  flush(): void {
    this.#scheduled = false
    this.#gathered = 0
    if (this.#to === this.#from) return
    const bytes = this.#slab.subarray(this.#from, this.#to)
    this.#from = this.#to
    this.#batch++
    this.#full = !this.#sink.write(bytes)
    if (this.#sink.idle) this.#from = this.#to = 0
    else if (SLAB_BYTES - this.#to < ROOM_BYTES) this.#fresh()
  }

  /** The other side has taken what was sent. */
  drained(): void {
    this.#full = false
    this.#pump()
  }

  #addLong(kind: Kind, number: number, text: Buffer): void {
    this.flush()
    const rest: Rest = { number, text, at: 0 }
    this.#sendPiece(rest, kind)
    if (rest.at < text.length) this.#rests.push(rest)
    this.#pump()
  }

  #pump(): void {
    for (let rest; !this.#full && (rest = this.#rests.shift());) {
      this.#sendPiece(rest, Kind.more)
      if (rest.at < rest.text.length) this.#rests.push(rest)
    }
  }

  #sendPiece(rest: Rest, kind: Kind): void {
    const piece = rest.text.subarray(rest.at, rest.at + FRAME_TEXT_BYTES)
    rest.at += piece.length
    const frame = Buffer.allocUnsafeSlow(HEAD_BYTES + piece.length)
    head(frame, 0, { kind: rest.at < rest.text.length ? kind | UNFINISHED : kind, number: rest.number, length: piece.length })
    piece.copy(frame, HEAD_BYTES)
    this.#batch++
    this.#full = !this.#sink.write(frame)
  }

  #renew(): void {
    this.flush()
    if (this.#from > 0) this.#fresh()
  }

  #fresh(): void {
    this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
    this.#from = this.#to = 0
  }
}

function flush(writer: FrameWriter): void {
  writer.flush()
}

function head(bytes: Buffer, at: number, { kind, number, length }: { kind: number; number: number; length: number }): void {
  bytes.writeUInt32BE(length + COUNTED_HEAD_BYTES, at)
  bytes[at + 4] = kind
  bytes.writeUInt32BE(number, at + COUNTED_HEAD_BYTES)
}
