/**
 * Where somebody is sent after logging in or out: a path of the app itself, and `/` for anything else, so that no link to the log-in leads to
 * another site (CWE-601). What a browser would read as another host is seen by reading it as browsers do (WHATWG URL).
 */
export function returnPath(wanted: string | null | undefined): string {
  if (!wanted?.startsWith('/') || wanted.length > LONGEST) return '/'
  const url = URL.parse(wanted, HERE)
  if (url?.origin !== HERE || url.pathname.startsWith('//')) return '/'
  return url.pathname + url.search + url.hash
}

const HERE = 'http://here.invalid'
/** It stands in a cookie. */
const LONGEST = 1_000
