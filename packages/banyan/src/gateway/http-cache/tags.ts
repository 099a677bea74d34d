import { field, members, type Fields } from './fields.ts'

/** The tags of an answer, each once: `Cache-Tag` separates them by commas, `Surrogate-Key` by spaces. */
export function tagsOf(answer: Fields): readonly string[] {
  const keys = field(answer, 'surrogate-key')?.split(/[\s,]+/) ?? []
  return [...new Set([...members(field(answer, 'cache-tag')), ...keys.filter((key) => key !== '')])]
}
