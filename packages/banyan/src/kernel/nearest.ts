/** The word that is most like `given`, if one is like it at all: for "did you mean". */
export function nearest(given: string, words: Iterable<string>): string | undefined {
  let best: { readonly word: string; readonly distance: number } | undefined
  for (const word of words) {
    const distance = given.length > 1 && word.startsWith(given) ? 1 : editDistance(given, word)
    if (distance <= Math.max(1, Math.floor(word.length / 3)) && (!best || distance < best.distance)) best = { word, distance }
  }
  return best?.word
}

/** Fewest insertions, deletions, replacements and swaps of neighbours that turn `a` into `b` (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const line = [row]
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1]
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      line[column] = Math.min(last[column]! + 1, line[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1), swapped ? before[column - 2]! + 1 : Infinity)
    }
    before = last
    last = line
  }
  return last[b.length]!
}
