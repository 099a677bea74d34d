/** Fields of a message, names in lower case; several lines of one name are an array, in their order. */
export type Fields = Readonly<Record<string, string | readonly string[] | undefined>>

/** The value of a field, several lines of it joined as RFC 9110 §5.3 says; `undefined` where there is none. */
export function field(fields: Fields, name: string): string | undefined {
  const value = fields[name]
  return value === undefined || typeof value === 'string' ? value : value.join(', ')
}

/** The members of a field that is a plain list, without empty ones: `Vary`, `Connection`. */
export function members(value: string | undefined): readonly string[] {
  if (value === undefined) return []
  return value
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '')
}

const anyCapital = /[A-Z]/

/** The same fields with names in lower case; what inner policies wrote otherwise must not slip past the rules. */
export function lowerCased(fields: Fields): Fields {
  if (!Object.keys(fields).some((name) => anyCapital.test(name))) return fields
  const lower: Record<string, string | readonly string[] | undefined> = {}
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue
    const key = name.toLowerCase()
    const before = lower[key]
    lower[key] = before === undefined ? value : [...lines(before), ...lines(value)]
  }
  return lower
}

function lines(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value
}
