import { entityTag } from '../../kernel/entity-tag.ts'
import type { AnswerFacts } from '../answer-facts.ts'
import type { Envelope } from '../envelope.ts'
import { Session } from '../session.ts'

/** What is said of where an answer came from: `hit 1200 58800`, the way, its age and the time for which it is fresh, in milliseconds. */
const FACTS = /^(hit|stale|failing|loaded) (\d+) (-?\d+)$/

/**
 * The text of an answer: what was written for the caller, a line's end, and the output as JSON or nothing. Of a cached answer a tab goes
 * before the line's end, and where it came from; only to a caller that said that it knows what that is.
 */
export function writeAnswer(written: string, json: string, facts: AnswerFacts | undefined): string {
  return facts ? `${written}\t${facts.way} ${Math.max(0, Math.round(facts.ageMs))} ${Math.round(facts.freshMs)}\n${json}` : `${written}\n${json}`
}

/** The output, with what was written noted in the session of the call, and where the answer came from noted of its envelope. */
export function readAnswer(text: string, envelope: Envelope): unknown {
  const end = text.indexOf('\n')
  const json = text.slice(end + 1)
  const [written = '', said] = text.slice(0, Math.max(0, end)).split('\t')
  if (written !== '') envelope.session.add(Session.read(written))
  const [, way, age, fresh] = FACTS.exec(said ?? '') ?? []
  if (way !== undefined)
    envelope.facts = { way: way as AnswerFacts['way'], ageMs: Number(age), freshMs: Number(fresh), kept: { text: json, etag: entityTag(json) } }
  return json === '' ? undefined : JSON.parse(json)
}
