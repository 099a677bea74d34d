const SMALLEST = 128
const MOST_NUMBER = 2 ** 32 - 1

/**
 * Values under numbers that it gives out, 1 to 2³² - 1 and again from 1: each is new until all others were given. A ring, and no `Map`: of
 * one into which much is put and taken again, the tables that it has outgrown hold each other, and with them all that was in them, until the
 * old generation is collected.
 */
export class Numbered<T extends object> {
  #numbers = new Uint32Array(SMALLEST)
  #values: (T | undefined)[] = Array.from({ length: SMALLEST }, () => undefined)
  #next = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Keeps a value, under a number that no other has. */
  add(value: T): number {
    if (this.#size * 2 >= this.#values.length) this.#grow()
    do this.#next = this.#next === MOST_NUMBER ? 1 : this.#next + 1
    while (this.#values[this.#place(this.#next)] !== undefined)
    this.#put(this.#next, value)
    this.#size++
    return this.#next
  }

  /** The value under a number, which is kept no longer. */
  take(number: number): T | undefined {
    const place = this.#place(number)
    const value = this.#numbers[place] === number ? this.#values[place] : undefined
    if (value === undefined) return undefined
    this.#values[place] = undefined
    this.#size--
    return value
  }

  /** Goes through all; what is taken meanwhile is left out. */
  *[Symbol.iterator](): Generator<readonly [number: number, value: T]> {
    const [numbers, values] = [this.#numbers, this.#values]
    for (const [place, value] of values.entries()) if (value !== undefined && values[place] === value) yield [numbers[place]!, value]
  }

  #place(number: number): number {
    return number & (this.#values.length - 1)
  }

  #put(number: number, value: T): void {
    const place = this.#place(number)
    this.#numbers[place] = number
    this.#values[place] = value
  }

  #grow(): void {
    const [numbers, values] = [this.#numbers, this.#values]
    this.#numbers = new Uint32Array(2 * values.length)
    this.#values = Array.from({ length: 2 * values.length }, () => undefined)
    for (const [place, value] of values.entries()) if (value !== undefined) this.#put(numbers[place]!, value)
  }
}
