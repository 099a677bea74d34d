import { BanyanError } from '../../kernel/errors.ts'
import type { Headers } from './header-changes.ts'

/** What there is to say of a version of an API. */
export interface VersionFacts {
  readonly deprecated?: string
  readonly sunset?: string
  readonly link?: string
}

/** The headers of answers of a version. Throws `invalid_configuration` for days that there are not, and where it is gone before it is old. */
export function versionHeaders({ deprecated, sunset, link }: VersionFacts): Headers {
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
