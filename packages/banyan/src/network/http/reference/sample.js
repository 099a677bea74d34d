const part = /\\([dws])|\\?(\[(?:\\.|[^\]])*\])|\\?([^\\^$*+?.()|[\]{}])|\\(.)|(\.)/y
const quantity = /\{(\d+)(?:,\d*)?\}|([+*?])/y

const common = ['text', 'ada@example.com', '1', '2026-01-31', 'https://example.com/']

/** A text that a pattern allows: `AAA-000` for `^[A-Z]{3}-[0-9]{3}$`. Empty where the pattern says more than can be guessed. */
export function sampleOf(pattern) {
  const allowed = new RegExp(pattern, 'u')
  return [...common, spelled(pattern)].find((text) => allowed.test(text)) ?? ''
}

/** What a simple pattern says, part by part. */
function spelled(pattern) {
  const source = pattern.replace(/^\^/, '').replace(/\$$/, '')
  let text = ''
  for (let at = 0; at < source.length;) {
    part.lastIndex = at
    const found = part.exec(source)
    if (!found) return ''
    quantity.lastIndex = part.lastIndex
    const many = quantity.exec(source)
    const count = many?.[1] === undefined ? (many?.[2] === '*' || many?.[2] === '?' ? 0 : 1) : Number(many[1])
    text += characterOf(found).repeat(count)
    at = many ? quantity.lastIndex : part.lastIndex
  }
  return text
}

function characterOf([, kind, group, literal, escaped, any]) {
  if (kind) return { d: '0', w: 'a', s: ' ' }[kind]
  if (literal !== undefined) return literal
  if (escaped !== undefined) return escaped
  if (any) return 'a'
  const inside = group.slice(1, -1)
  const allowed = new RegExp(`^${group}$`, 'u')
  return [...'Aa0', inside[0]].find((character) => allowed.test(character)) ?? ''
}
