/** Counters stop here, as those of four bits do. */
const MOST = 15
const ROWS = 4
/** Counters of one key lie in one line of the processor's cache: a block of four rows of sixteen. */
const BLOCK_BITS = 6
const ROW_BITS = 4
const ROW = 1 << ROW_BITS
const SPREAD = 0x9e3779b1
const SPREAD_AGAIN = 0x85ebca77

/**
 * How often keys were asked for lately, roughly and never too low: a count-min sketch whose counters are halved after ten times as many
 * counts as there are entries, so that old fame fades (Einziger, Friedman, Manes, "TinyLFU", 2017).
 */
export class FrequencySketch {
  readonly #counts: Uint8Array
  readonly #blocks: number
  readonly #sample: number
  #counted = 0

  /** `entries`: about how many keys are kept at a time. */
  constructor(entries: number) {
    const blocks = 2 ** Math.max(2, Math.ceil(Math.log2(entries * ROWS)) - BLOCK_BITS)
    this.#counts = new Uint8Array(blocks << BLOCK_BITS)
    this.#blocks = blocks - 1
    this.#sample = entries * 10
  }

  count(hash: number): void {
    const counts = this.#counts
    const spread = Math.imul(hash ^ (hash >>> 15), SPREAD)
    let picks = Math.imul(spread ^ (spread >>> 13), SPREAD_AGAIN) >>> 8
    let raised = false
    let row = ((spread >>> 7) & this.#blocks) << BLOCK_BITS
    for (let left = ROWS; left > 0; left--, row += ROW, picks >>>= ROW_BITS) {
      const at = row + (picks & (ROW - 1))
      const now = counts[at]!
      if (now >= MOST) continue
      counts[at] = now + 1
      raised = true
    }
    if (raised && ++this.#counted >= this.#sample) this.#age()
  }

  /** From 0 to 15. */
  of(hash: number): number {
    const spread = Math.imul(hash ^ (hash >>> 15), SPREAD)
    let picks = Math.imul(spread ^ (spread >>> 13), SPREAD_AGAIN) >>> 8
    let least = MOST
    let row = ((spread >>> 7) & this.#blocks) << BLOCK_BITS
    for (let left = ROWS; left > 0; left--, row += ROW, picks >>>= ROW_BITS) {
      least = Math.min(least, this.#counts[row + (picks & (ROW - 1))]!)
    }
    return least
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
