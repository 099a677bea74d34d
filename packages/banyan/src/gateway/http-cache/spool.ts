import { Readable } from 'node:stream'
import { BanyanError } from '../../kernel/errors.ts'

/** Bytes that all bodies being received may take of memory together, and a single one. */
export interface SpoolLimits {
  /** A body that grows beyond this is streamed on, but not kept. */
  readonly largest: number
  /** Takes bytes from what all bodies share; false: there are no more. */
  reserve(bytes: number): boolean
  release(bytes: number): void
}

export interface SpoolAudience {
  /** How many are about to read from the beginning. */
  expected(): number
  /** Whether the body is wanted for keeping even if nobody reads it. */
  wanted(): boolean
}

/** Bytes that readers of a body that is not kept may lag behind its source. */
const LAG = 64 * 1024

/**
 * A body on its way from the origin, read by any number of clients, each at its own speed. While it is kept, the source is read as fast
 * as it gives; when it turns out too large, what everybody has read is dropped and the source waits for the slowest reader. A body that
 * breaks off, or is not as long as was said, breaks off for every reader and is never whole.
 */
export class Spool {
  /** The whole body, or `undefined`: it broke off, was abandoned or is too large. Never rejects. */
  readonly whole: Promise<Buffer | undefined>
  readonly #source: Readable
  readonly #limits: SpoolLimits
  readonly #said: number | undefined
  readonly #readers = new Set<Reader>()
  #chunks: Buffer[] = []
  /** Chunks dropped from the front. */
  #dropped = 0
  #bytes = 0
  #reserved = 0
  #kept = true
  #state: 'flowing' | 'ended' | 'broken' = 'flowing'
  #cause: Error | undefined
  #moved: (() => void) | undefined

  readonly #audience: SpoolAudience

  /** `said` is the length that the origin has named. */
  constructor(source: Readable, said: number | undefined, limits: SpoolLimits, audience: SpoolAudience) {
    this.#source = source
    this.#said = said
    this.#limits = limits
    this.#audience = audience
    this.whole = this.#receive()
  }

  /** Ends the source when nobody reads, nobody is about to, and nobody wants the whole; to be called when fewer are expected. */
  stopIfDeserted(): void {
    if (this.#state !== 'flowing' || this.#readers.size > 0 || this.#audience.expected() > 0) return
    if (this.#kept && this.#audience.wanted()) return
    this.#source.destroy()
    this.#moved?.()
  }

  /** The body from its beginning, or `undefined` when the beginning is gone. */
  read(): Readable | undefined {
    if (this.#dropped > 0) return undefined
    const reader = new Reader(
      (index) => this.#at(index),
      () => this.#left(reader),
    )
    this.#readers.add(reader)
    return reader
  }

  /** A chunk; `null` at the end; `undefined`: not yet. */
  #at(index: number): Buffer | Error | null | undefined {
    const chunk = this.#chunks[index - this.#dropped]
    if (chunk !== undefined) {
      if (!this.#kept) queueMicrotask(() => this.#drop())
      return chunk
    }
    if (this.#state === 'flowing') return undefined
    return this.#state === 'ended' ? null : (this.#cause ?? new Error('the body broke off'))
  }

  #left(reader: Reader): void {
    this.#readers.delete(reader)
    if (!this.#kept) this.#drop()
    this.stopIfDeserted()
  }

  async #receive(): Promise<Buffer | undefined> {
    try {
      for await (const piece of this.#source as AsyncIterable<Buffer | string>) {
        const chunk = typeof piece === 'string' ? Buffer.from(piece) : piece
        this.#take(chunk)
        for (const reader of this.#readers) reader.more()
        while (!this.#kept && !this.#source.destroyed && this.#lag() >= LAG) await this.#room()
      }
      if (this.#said !== undefined && this.#bytes !== this.#said)
        throw new BanyanError('unavailable', `the origin's body has ${this.#bytes} bytes where its Content-Length says ${this.#said}`)
      this.#state = 'ended'
    } catch (error) {
      this.#state = 'broken'
      this.#cause = error as Error
    }
    const whole = this.#state === 'ended' && this.#kept ? Buffer.concat(this.#chunks) : undefined
    this.#free()
    for (const reader of this.#readers) reader.more()
    return whole
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    if (!this.#kept) return
    if (this.#bytes <= this.#limits.largest && this.#limits.reserve(chunk.length)) {
      this.#reserved += chunk.length
      return
    }
    this.#kept = false
    this.#free()
    this.#drop()
    this.stopIfDeserted()
  }

  #free(): void {
    this.#limits.release(this.#reserved)
    this.#reserved = 0
  }

  /** Lets go of what every reader has read. */
  #drop(): void {
    if (this.#dropped === 0 && this.#audience.expected() > 0) return
    let slowest = this.#dropped + this.#chunks.length
    for (const reader of this.#readers) slowest = Math.min(slowest, reader.index)
    if (slowest > this.#dropped) this.#chunks.splice(0, slowest - this.#dropped)
    this.#dropped = slowest
    this.#moved?.()
  }

  #lag(): number {
    return this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#moved = () => {
        this.#moved = undefined
        resolve()
      }
    })
  }
}

class Reader extends Readable {
  /** The chunk to be read next. */
  index = 0
  readonly #at: (index: number) => Buffer | Error | null | undefined
  readonly #left: () => void
  #wanted = false

  constructor(at: (index: number) => Buffer | Error | null | undefined, left: () => void) {
    super()
    this.#at = at
    this.#left = left
  }

  override _read(): void {
    this.#wanted = true
    this.more()
  }

  more(): void {
    while (this.#wanted) {
      const chunk = this.#at(this.index)
      if (chunk === undefined) return
      if (chunk instanceof Error) {
        this.destroy(chunk)
        return
      }
      if (chunk === null) this.#wanted = false
      else this.index++
      if (!this.push(chunk)) this.#wanted = false
    }
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#left()
    done(error)
  }
}
