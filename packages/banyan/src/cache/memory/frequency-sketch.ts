/** Counters stop here, as those of four bits do. */
const MOST = 15
const ROWS = 4
/** Odd numbers that spread one hash over the rows. */
const SEEDS = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f] as const

/**
 * How often keys were asked for lately, roughly and never too low: a count-min sketch whose counters are halved after ten times as many
 * counts as there are entries, so that old fame fades (Einziger, Friedman, Manes, "TinyLFU", 2017).
 */
export class FrequencySketch {
  readonly #counts: Uint8Array
  readonly #mask: number
  readonly #shift: number
  readonly #sample: number
  #counted = 0

  /** `entries`: about how many keys are kept at a time. */
  constructor(entries: number) {
    const width = 2 ** Math.max(6, Math.ceil(Math.log2(entries)))
    this.#counts = new Uint8Array(width * ROWS)
    this.#mask = width - 1
    this.#shift = Math.log2(width)
    this.#sample = entries * 10
  }

  count(hash: number): void {
    let raised = false
    for (let row = 0; row < ROWS; row++) {
      const at = this.#at(hash, row)
      const now = this.#counts[at]!
      if (now >= MOST) continue
      this.#counts[at] = now + 1
      raised = true
    }
    if (raised && ++this.#counted >= this.#sample) this.#age()
  }

  /** From 0 to 15. */
  of(hash: number): number {
    let least = MOST
    for (let row = 0; row < ROWS; row++) least = Math.min(least, this.#counts[this.#at(hash, row)]!)
    return least
  }

  #at(hash: number, row: number): number {
    const spread = Math.imul(hash ^ (hash >>> 15), SEEDS[row]!)
    return (row << this.#shift) + ((spread ^ (spread >>> 16)) & this.#mask)
  }

  #age(): void {
    const counts = this.#counts
    for (let at = 0; at < counts.length; at++) counts[at]! >>>= 1
    this.#counted >>>= 1
  }
}

/** FNV-1a of a text's UTF-16 units. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash
}
