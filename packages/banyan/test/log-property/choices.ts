import { randomFrom } from '../random.ts'

/** Everything that is left to chance, from one seed. */
export interface Choices {
  /** True in `share` of the cases. */
  chance(share: number): boolean
  /** A whole number from 0, below `count`. */
  below(count: number): number
  one<T>(of: readonly T[]): T
  shuffled<T>(of: readonly T[]): T[]
}

export function choicesFrom(seed: number): Choices {
  const random = randomFrom(seed)
  const below = (count: number) => Math.floor(random() * count)
  return {
    chance: (share) => random() < share,
    below,
    one: (of) => of[below(of.length)]!,
    shuffled(of) {
      const rest = [...of]
      return of.map(() => rest.splice(below(rest.length), 1)[0]!)
    },
  }
}
