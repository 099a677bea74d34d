import { field, members, type Fields } from './fields.ts'

/** The request fields that an answer depends on, in lower case, sorted, each once; `'*'`: on what cannot be known (RFC 9110 §12.5.5). */
export function varyNames(answer: Fields): readonly string[] | '*' {
  const names = members(field(answer, 'vary')).map((name) => name.toLowerCase())
  if (names.includes('*')) return '*'
  return [...new Set(names)].sort()
}

/** What a request says in those fields: two requests with the same text may have the same answer (RFC 9111 §4.1). */
export function variantKey(names: readonly string[], request: Fields): string {
  if (names.length === 0) return ''
  return names
    .map((name) => {
      const value = field(request, name)
      // a field that is absent matches only where it is absent too
      return value === undefined ? name : `${name}:${normalised(name, value)}`
    })
    .join('\n')
}

/** The value without what has no meaning: spaces around commas for all, case and order where the field's definition says so. */
function normalised(name: string, value: string): string {
  const list = value.split(',').map((member) => member.trim())
  if (name === 'accept-encoding')
    return list
      .map((coding) => coding.toLowerCase().replaceAll(/\s/g, ''))
      .sort()
      .join()
  if (name === 'accept-language') return list.map((range) => range.toLowerCase().replaceAll(/\s/g, '')).join()
  return list.join()
}
