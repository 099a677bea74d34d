/** What was typed, as a PostgreSQL text query: all of its words, the last of which may be only begun. `undefined` where there is none. */
export function searchOf(typed: string): string | undefined {
  const words = typed.toLowerCase().match(/[\p{L}\p{N}]+/gu)
  return words ? `${words.join(' & ')}:*` : undefined
}
