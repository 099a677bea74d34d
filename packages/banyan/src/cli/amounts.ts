const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const

/** A length of time for people, in its largest unit: `850 ms`, `3 s`, `2 d`. */
export function ageText(milliseconds: number): string {
  const [unit, size] = units.find(([, least]) => milliseconds >= least) ?? ['ms', 1]
  return `${Math.floor(milliseconds / size)} ${unit}`
}

/** `1 key`, `1,204 keys`. */
export function several(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`
}
