import type { HttpRequest } from './message.ts'
import { contentTypeOf } from './content-types.ts'
import { PageFiles } from './page-files.ts'
import { pagePath } from './page-path.ts'
import type { Reply } from './reply.ts'

export interface PagesOptions {
  readonly directory: string
  /** The Content-Security-Policy of the files; only what comes from here unless said. */
  readonly contentSecurityPolicy?: string | undefined
}

/** Answers a request for a file; `undefined` where there is none, or none of this method. */
export type Pages = (request: Pick<HttpRequest, 'method' | 'headers'>, path: string) => Promise<Reply | undefined>

// scripts and styles are files: nothing that gets into a page as text is ever run (W3C Content Security Policy Level 3)
const strict =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

/** Serves the files of a directory. Browsers keep them and ask each time whether they have changed (RFC 9111 §5.2.2.4, RFC 9110 §13.1.2). */
export function pages({ directory, contentSecurityPolicy = strict }: PagesOptions): Pages {
  const files = new PageFiles(directory)
  const common = { 'cache-control': 'no-cache', 'content-security-policy': contentSecurityPolicy, 'referrer-policy': 'same-origin' }
  return async ({ method, headers }, path) => {
    if (method !== 'GET' && method !== 'HEAD') return undefined
    const names = pagePath(path)
    const file = names && (await files.find(names))
    if (!file) return undefined
    const told = { ...common, etag: file.etag }
    if (isKnown(file.etag, headers['if-none-match'])) return { status: 304, headers: told }
    return { status: 200, type: contentTypeOf(file.name), body: file.bytes, headers: told }
  }
}

/** Whether If-None-Match names this tag; tags are compared weakly, as something in between may have marked one so (RFC 9110 §13.1.2). */
function isKnown(etag: string, condition: string | undefined): boolean {
  return condition !== undefined && (condition.trim() === '*' || condition.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag))
}
