import { closeSync, existsSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs'
import type { InvoiceKind } from './invoice.ts'
import { Marks } from './marks.ts'
import { Told } from './told.ts'

/** Of what replay a journal is: another file, seed or limit is another replay. */
export interface Replayed {
  readonly seed: number
  readonly invoices: number
  readonly lines: number
  readonly quantity: number
  readonly amount: number
  readonly first: string
  readonly last: string
}

/** What became of an invoice. */
export interface Entered {
  /** Its ordinal. */
  readonly n: number
  readonly invoice: string
  readonly kind: InvoiceKind
  /** Lines accepted, and lines refused by reason, as they were answered. */
  readonly accepted: number
  readonly refused: Readonly<Record<string, number>>
  readonly order: string | null
  /** `confirmed`, or why the order came to nothing. */
  readonly end: string | null
}

type Entry = { readonly replay: Replayed } | { readonly open: true } | Entered | { readonly n: number; readonly dispatched: true }

/**
 * What a replay has done so far, in a file, so that it can go on where it ended. An entry is written after what it tells of has happened:
 * one that got lost is done again, under the same key, and changes nothing.
 */
export class Journal implements Disposable {
  readonly told: Told = new Told()
  readonly #file: number
  readonly #entered = new Marks()
  readonly #dispatched = new Marks()
  /** Orders that wait to be dispatched, by ordinal. */
  readonly #held = new Map<number, string>()
  #open = false

  /** Opens the journal of a replay, or begins it. Throws a `RangeError` where the file belongs to another one. */
  constructor(path: string, replay: Replayed) {
    const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
    // an entry without an end was being written when everything ended
    const whole = text.slice(0, text.lastIndexOf('\n') + 1)
    if (whole.length < text.length) truncateSync(path, Buffer.byteLength(whole))
    const [first, ...entries] = whole.split('\n').slice(0, -1)
    if (first !== undefined && first !== JSON.stringify({ replay })) {
      throw new RangeError(`${path} belongs to another replay (${first}); give another --directory, or delete this one to begin anew`)
    }
    for (const entry of entries) this.#read(JSON.parse(entry) as Entry)
    this.#file = openSync(path, 'a')
    if (first === undefined) this.#write({ replay })
  }

  /** Whether the goods are listed and on their shelves. */
  get isOpen(): boolean {
    return this.#open
  }

  isEntered(ordinal: number): boolean {
    return this.#entered.has(ordinal)
  }

  isDispatched(ordinal: number): boolean {
    return this.#dispatched.has(ordinal)
  }

  /** The confirmed order of an invoice that was not dispatched yet. */
  held(ordinal: number): string | undefined {
    return this.#held.get(ordinal)
  }

  opened(): void {
    this.#note({ open: true })
  }

  entered(entry: Entered): void {
    this.#note(entry)
  }

  dispatched(ordinal: number): void {
    this.#note({ n: ordinal, dispatched: true })
  }

  [Symbol.dispose](): void {
    closeSync(this.#file)
  }

  #note(entry: Entry): void {
    this.#write(entry)
    this.#read(entry)
  }

  #write(entry: Entry): void {
    writeSync(this.#file, `${JSON.stringify(entry)}\n`)
  }

  #read(entry: Entry): void {
    if ('open' in entry) this.#open = true
    else if ('dispatched' in entry) {
      this.#dispatched.add(entry.n)
      this.#held.delete(entry.n)
    } else if ('invoice' in entry) {
      this.#entered.add(entry.n)
      this.told.add(entry)
      if (entry.order !== null && entry.end === 'confirmed') this.#held.set(entry.n, entry.order)
    }
  }
}
