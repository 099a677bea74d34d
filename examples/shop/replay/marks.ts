/** Which of the numbers from 0 are marked, a bit for each. */
export class Marks {
  #bits = new Uint8Array(1_024)

  add(number: number): void {
    const byte = number >> 3
    if (byte >= this.#bits.length) {
      const larger = new Uint8Array(2 * byte)
      larger.set(this.#bits)
      this.#bits = larger
    }
    this.#bits[byte]! |= 1 << (number & 7)
  }

  has(number: number): boolean {
    return ((this.#bits[number >> 3] ?? 0) & (1 << (number & 7))) !== 0
  }
}
