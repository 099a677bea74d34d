import type { IncomingHttpHeaders } from 'node:http'
import { entityTag } from '../../kernel/entity-tag.ts'
import type { AnswerFacts } from '../answer-facts.ts'
import type { CacheRules } from './cache-rules.ts'
import { SESSION_HEADER } from './envelope-headers.ts'
import type { Reply } from './reply.ts'

/** An answer, and what it was asked with. */
export interface Answered {
  readonly input: unknown
  readonly output: unknown
  /** Where the answer came from, where that is known. */
  readonly facts: AnswerFacts | undefined
  readonly headers: IncomingHttpHeaders
}

/**
 * The reply of a query whose answers may be cached: with an entity tag, 304 to whoever has it already (RFC 9110 §13.1.2), and with what
 * caches need to know (RFC 9111, RFC 5861, RFC 9211).
 */
export function cachedReply(rules: CacheRules, { input, output, facts, headers: asked }: Answered): Reply {
  const text = facts?.text ?? JSON.stringify(output)
  const etag = facts?.etag ?? entityTag(text)
  // who is asked for by a token may be of another tenant; a cache keeps those apart by what `vary` says
  const isPublic = rules.everybody && asked.authorization === undefined
  const headers: Record<string, string> = {
    etag,
    'cache-control': isPublic ? publicly(rules) : privately(rules),
    vary: rules.session ? `authorization, ${SESSION_HEADER}` : 'authorization',
  }
  const tags = rules.tags(input, output).map(spelt)
  if (tags.length > 0) {
    headers['cache-tag'] = tags.join(',')
    headers['surrogate-key'] = tags.join(' ')
  }
  if (facts) {
    headers['age'] = facts.way === 'loaded' ? '0' : String(Math.floor(facts.ageMs / 1_000))
    headers['cache-status'] = statusOf(facts)
  }
  return names(asked['if-none-match'], etag) ? { status: 304, headers } : { status: 200, body: text, headers }
}

function privately({ browser }: CacheRules): string {
  return browser === 0 ? 'private, no-cache' : `private, max-age=${browser}`
}

function publicly({ browser, cdn, staleWhileRevalidate, staleIfError }: CacheRules): string {
  const later = [
    ...(staleWhileRevalidate > 0 ? [`stale-while-revalidate=${staleWhileRevalidate}`] : []),
    ...(staleIfError > 0 ? [`stale-if-error=${staleIfError}`] : []),
  ]
  return ['public', `max-age=${browser}`, `s-maxage=${cdn}`, ...later].join(', ')
}

function statusOf({ way, freshMs }: AnswerFacts): string {
  const ttl = `ttl=${Math.floor(freshMs / 1_000)}`
  if (way === 'loaded') return `banyan; fwd=miss; ${ttl}`
  return way === 'failing' ? `banyan; hit; ${ttl}; detail=stale-if-error` : `banyan; hit; ${ttl}`
}

/** A tag as a list of tags can hold it: without the commas and spaces that separate them, and within what a header may say. */
function spelt(tag: string): string {
  return encodeURIComponent(tag).replaceAll('%2F', '/').replaceAll('%3A', ':')
}

/** Whether `If-None-Match` names an entity tag, by the weak comparison (RFC 9110 §13.1.2). */
function names(said: string | undefined, etag: string): boolean {
  if (said === undefined) return false
  return said.trim() === '*' || said.split(',').some((one) => one.trim().replace(/^W\//, '') === etag)
}
