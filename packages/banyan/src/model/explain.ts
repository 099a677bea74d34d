import type { Access, AccessRequest } from './access.ts'

/** `open`: it depends on what is not known yet. */
export type Verdict = 'passes' | 'fails' | 'open'

/** What a rule says of a request, and what the rules it is made of say. It tells texts of rules, never anything of an object. */
export interface Explanation {
  readonly rule: string
  readonly verdict: Verdict
  readonly parts?: readonly Explanation[]
}

/** Says of a rule and of each of its parts whether it lets a request pass. */
export function explain<Output, Input>(rule: Access<Output, Input>, request: AccessRequest<Output, Input>): Explanation {
  const decided = rule.decide(request)
  const verdict = decided === undefined ? 'open' : decided ? 'passes' : 'fails'
  if (!rule.parts) return { rule: rule.text, verdict }
  return { rule: rule.text, verdict, parts: rule.parts.map((part) => explain(part, request)) }
}

/** The simple rules because of which an explained rule does not pass: those that a caller would have to meet. */
export function missing({ rule, verdict, parts }: Explanation): readonly string[] {
  if (verdict === 'passes') return []
  if (!parts || parts.length === 0) return [rule]
  const failed = parts.filter((part) => part.verdict === 'fails')
  return (failed.length > 0 ? failed : parts).flatMap(missing)
}
