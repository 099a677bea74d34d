import type { IncomingHttpHeaders } from 'node:http'
import { entityTag } from '../../kernel/entity-tag.ts'
import { ANONYMOUS, type Identity } from '../../model/access.ts'
import type { AnswerFacts, AnswerText } from '../answer-facts.ts'
import type { CacheRules } from './cache-rules.ts'
import { SESSION_HEADER } from './envelope-headers.ts'
import { fieldsOf, type Reply } from './reply.ts'

/** An answer, and what it was asked with. */
export interface Answered {
  readonly input: unknown
  readonly output: unknown
  /** Where the answer came from, where that is known. */
  readonly facts: AnswerFacts | undefined
  readonly headers: IncomingHttpHeaders
  /** Who asks. */
  readonly identity: Identity
}

/** What changes of an answer that is kept, in whole seconds. */
interface Standing {
  readonly isPublic: boolean
  readonly way: AnswerFacts['way'] | undefined
  readonly age: number
  readonly ttl: number
}

interface Written extends Standing {
  readonly reply: Reply
}

/**
 * Makes the replies of a query whose answers may be cached: with an entity tag, 304 to whoever has it already (RFC 9110 §13.1.2), and with
 * what caches need to know (RFC 9111, RFC 5861, RFC 9211). What is said of a kept answer is the same for a second, and made once in that time.
 */
export function cachedReplies(rules: CacheRules): (answered: Answered) => Reply {
  const known = new WeakMap<AnswerText, Written>()
  return (answered) => {
    const { output, facts, headers: asked } = answered
    const kept = facts?.kept ?? textOf(output)
    const standing = standingOf(rules, answered)
    let written = known.get(kept)
    if (!written || !isSame(written, standing)) known.set(kept, (written = { ...standing, reply: replyOf(rules, answered, kept, standing) }))
    const { reply } = written
    return names(asked['if-none-match'], kept.etag) ? { status: 304, headers: reply.headers! } : reply
  }
}

function textOf(output: unknown): AnswerText {
  const text = JSON.stringify(output)
  return { text, etag: entityTag(text) }
}

function standingOf(rules: CacheRules, { facts, identity }: Answered): Standing {
  // who is known, by a token, a key or a session, may be of another tenant, and a cache that serves many cannot tell
  const isPublic = rules.everybody && identity.subject === ANONYMOUS
  if (!facts) return { isPublic, way: undefined, age: 0, ttl: 0 }
  const { way, ageMs, freshMs } = facts
  return { isPublic, way, age: way === 'loaded' ? 0 : Math.floor(ageMs / 1_000), ttl: Math.floor(freshMs / 1_000) }
}

function isSame(one: Standing, other: Standing): boolean {
  return one.age === other.age && one.ttl === other.ttl && one.way === other.way && one.isPublic === other.isPublic
}

function replyOf(rules: CacheRules, { input, output }: Answered, { text, etag }: AnswerText, { isPublic, way, age, ttl }: Standing): Reply {
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
  if (way) {
    headers['age'] = String(age)
    headers['cache-status'] = statusOf(way, ttl)
  }
  const reply: Reply = { status: 200, body: text, headers }
  return { ...reply, fields: fieldsOf(reply, Buffer.byteLength(text)) }
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

function statusOf(way: AnswerFacts['way'], ttl: number): string {
  if (way === 'loaded') return `banyan; fwd=miss; ttl=${ttl}`
  return way === 'failing' ? `banyan; hit; ttl=${ttl}; detail=stale-if-error` : `banyan; hit; ttl=${ttl}`
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
