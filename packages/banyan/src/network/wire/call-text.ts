import { WireFault } from './frame-reader.ts'

/** What a call says beside its input. Texts are of visible ASCII. */
export interface CallHead {
  /** The numbers of what is called, and of who speaks for whom. */
  readonly target: number
  readonly speaker: number
  /** The time left. */
  readonly milliseconds: number
  readonly traceparent: string
  readonly causedBy: 'command' | 'event'
  readonly correlation: string
  readonly causation: string
  /** Empty where the key is of no use there. */
  readonly key: string
  readonly saidKey: string
  readonly session: string
}

/** Fields end with a line; before them stands their length, after them the input as JSON, or nothing. */
export function writeCall(head: CallHead, input: string): string {
  const { target, speaker, milliseconds, traceparent, causedBy, correlation, causation, key, saidKey, session } = head
  const numbers = `${target}\n${speaker}\n${milliseconds}\n`
  const texts = `${traceparent}\n${causedBy === 'event' ? 'e' : ''}\n${correlation}\n${causation}\n${key}\n${saidKey}\n${session}`
  return `${numbers.length + texts.length}\n${numbers}${texts}${input}`
}

/** The other side of `writeCall`. Its texts are read when they are asked for. */
export class ReadCall {
  readonly target: number
  readonly speaker: number
  readonly milliseconds: number
  readonly input: string
  readonly #text: string
  #from: number
  readonly #to: number
  #texts: readonly string[] | undefined

  /** Throws `WireFault` for a text that no `writeCall` has written. */
  constructor(text: string) {
    this.#text = text
    this.#from = 0
    this.#to = text.length
    const length = this.#count()
    this.#to = this.#from + length
    if (this.#to > text.length) throw fault()
    this.input = text.slice(this.#to)
    this.target = this.#count()
    this.speaker = this.#count()
    this.milliseconds = this.#count()
  }

  get traceparent(): string {
    return this.#at(0)
  }

  get causedBy(): CallHead['causedBy'] {
    return this.#at(1) === 'e' ? 'event' : 'command'
  }

  get correlation(): string {
    return this.#at(2)
  }

  get causation(): string {
    return this.#at(3)
  }

  get key(): string {
    return this.#at(4)
  }

  get saidKey(): string {
    return this.#at(5)
  }

  get session(): string {
    return this.#at(6)
  }

  #at(index: number): string {
    this.#texts ??= this.#text.slice(this.#from, this.#to).split('\n')
    return this.#texts[index] ?? ''
  }

  #count(): number {
    const end = this.#text.indexOf('\n', this.#from)
    const count = end < 0 || end > this.#to ? NaN : Number(this.#text.slice(this.#from, end))
    if (!Number.isSafeInteger(count) || count < 0 || end === this.#from) throw fault()
    this.#from = end + 1
    return count
  }
}

function fault(): WireFault {
  return new WireFault('a call without the numbers that a call begins with')
}
