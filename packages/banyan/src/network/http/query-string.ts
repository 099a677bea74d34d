import { BanyanError } from '../../kernel/errors.ts'
import { checkText } from './json-body.ts'

/** Reads a query string (`application/x-www-form-urlencoded`); a repeated parameter has several texts. Throws `malformed_request` for a broken escape. */
export function parseQuery(query: string): ReadonlyMap<string, string | string[]> {
  const found = new Map<string, string | string[]>()
  for (const part of query.split('&')) {
    if (part === '') continue
    const mark = part.indexOf('=')
    const name = decode(mark < 0 ? part : part.slice(0, mark))
    const text = mark < 0 ? '' : decode(part.slice(mark + 1))
    const before = found.get(name)
    if (before === undefined) found.set(name, text)
    else if (typeof before === 'string') found.set(name, [before, text])
    else before.push(text)
  }
  return found
}

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  let decoded: string
  try {
    decoded = decodeURIComponent(spaced)
  } catch {
    throw new BanyanError('malformed_request', `the query holds '${text.slice(0, 100)}', which is not percent-encoded UTF-8`)
  }
  checkText(decoded, 'the query')
  return decoded
}
