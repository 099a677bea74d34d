import { BanyanError } from '../../kernel/errors.ts'

/** What there is to say of a part of an API that is to go: days such as `2026-12-01`, or moments, and the address of a page. */
export interface DeprecationFacts {
  /** Since when, or from when on, it should not be used any more. */
  readonly deprecated?: string
  /** From when on it may be gone. */
  readonly sunset?: string
  /** What to do instead. */
  readonly link?: string
}

/** The headers of its answers (RFC 9745, RFC 8594). Throws `invalid_configuration` for days that there are not, and where it is gone before it is old. */
export function deprecationHeaders({ deprecated, sunset, link }: DeprecationFacts): Readonly<Record<string, string>> {
  const old = deprecated === undefined ? undefined : moment(deprecated)
  const gone = sunset === undefined ? undefined : moment(sunset)
  // RFC 9745 §4
  if (old && gone && gone < old) throw new BanyanError('invalid_configuration', `sunset is ${sunset}, before deprecated, ${deprecated}; it is the later one`)
  const rels = [...(old ? ['deprecation'] : []), ...(gone ? ['sunset'] : [])]
  return {
    // a date of structured fields: seconds (RFC 9745 §2.1)
    ...(old ? { deprecation: `@${old.getTime() / 1_000}` } : {}),
    // a date of HTTP (RFC 8594 §3)
    ...(gone ? { sunset: gone.toUTCString() } : {}),
    ...(link === undefined || rels.length === 0 ? {} : { link: `<${link}>; rel="${rels.join(' ')}"; type="text/html"` }),
  }
}

function moment(text: string): Date {
  const date = new Date(text)
  // 31 February is taken for 3 March
  if (Number.isNaN(date.getTime()) || !date.toISOString().startsWith(text.slice(0, 10)))
    throw new BanyanError('invalid_configuration', `'${text}' is no day there is; write one such as '2026-12-01'`)
  return date
}
