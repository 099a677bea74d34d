/** What a value is known to have seen, or a caller needs to have been seen: the last position by name of a log's part. Positions only grow. */
export type Marks = Readonly<Record<string, number>>

export const noMarks: Marks = {}

/** Whether everything that is needed has been seen. */
export function covers(seen: Marks, needed: Marks): boolean {
  for (const part in needed) if ((seen[part] ?? 0) < needed[part]!) return false
  return true
}

/** What has been seen by either. */
export function merged(one: Marks, other: Marks): Marks {
  if (covers(one, other)) return one
  const both: Record<string, number> = { ...one }
  for (const part in other) both[part] = Math.max(both[part] ?? 0, other[part]!)
  return both
}
