import { WireFault } from './frame-reader.ts'

/** What is named: `t`, an operation or a feed; `s`, who speaks for whom, as a peer token. */
export type NameKind = 't' | 's'

/** As many names of one kind are known at once. */
export const NAMES = 4_096

/** Numbers for texts that calls would otherwise repeat. The oldest gives its number away when there are too many. */
export class NameWriter {
  readonly #kind: NameKind
  readonly #define: (number: number, text: string) => void
  readonly #numbers = new Map<string, number>()
  readonly #texts: string[] = []
  #next = 0

  /** `define` tells the other side of a new one. */
  constructor(kind: NameKind, define: (number: number, text: string) => void) {
    this.#kind = kind
    this.#define = define
  }

  number(text: string): number {
    return this.#numbers.get(text) ?? this.#new(text)
  }

  #new(text: string): number {
    const number = this.#next++ % NAMES
    const former = this.#texts[number]
    if (former !== undefined) this.#numbers.delete(former)
    this.#texts[number] = text
    this.#numbers.set(text, number)
    this.#define(number, this.#kind + text)
    return number
  }
}

/** The other side of two `NameWriter`s, one of each kind. */
export class NameReader {
  readonly #texts: Record<NameKind, string[]> = { t: [], s: [] }

  /** Throws `WireFault` for what no writer defines. */
  define(number: number, text: string): void {
    const kind = text[0]
    if ((kind !== 't' && kind !== 's') || number >= NAMES) throw new WireFault(`a name of kind '${kind}' with the number ${number}`)
    this.#texts[kind][number] = text.slice(1)
  }

  /** Throws `WireFault` for a number that was not given. */
  text(kind: NameKind, number: number): string {
    const text = this.#texts[kind][number]
    if (text === undefined) throw new WireFault(`the number ${number} stands for nothing`)
    return text
  }
}
