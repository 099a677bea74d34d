import { hash } from 'node:crypto'

/** Eight numbers from 0 up to 1 that depend on nothing but the words: the same words give the same numbers, wherever and whenever they are asked for. */
export function dice(...words: readonly (string | number)[]): readonly number[] {
  const digest = Buffer.from(hash('sha256', JSON.stringify(words), 'binary'), 'binary')
  return Array.from({ length: 8 }, (_, index) => digest.readUInt32BE(4 * index) / 2 ** 32)
}
