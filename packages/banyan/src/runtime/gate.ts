import { BanyanError } from '../kernel/errors.ts'
import { ANONYMOUS, anyone, type Access } from '../model/access.ts'
import { Asking } from '../model/access-request.ts'
import { explain, missing, type Explanation } from '../model/explain.ts'
import type { AnyOperation } from '../model/operation.ts'
import type { Envelope } from '../network/envelope.ts'

/** Why somebody was refused, also where he is told something else. */
export interface Refused {
  readonly rule: string
  readonly lacks: readonly string[]
}

const refusals = new WeakMap<Error, Refused>()

/** Why an error was thrown, if it was by a rule. */
export function refusedBy(error: unknown): Refused | undefined {
  return error instanceof Error ? refusals.get(error) : undefined
}

type Who = Pick<Envelope, 'identity' | 'caller'>
type Rule = Access<never, never>

/** Stands in front of an operation. */
export interface Gate {
  /** Whether everybody may pass, and nobody need be asked. */
  readonly open: boolean
  /** Lets pass, or throws. What it answers is to be told of the input and of the answer; `undefined` where neither matters any more. */
  ask(who: Who): Passage | undefined
}

/** Somebody of whom it has yet to be said whether he may. Both throw where he may not. */
export interface Passage {
  read(input: unknown): void
  answered(output: unknown): void
}

export function gateOf({ service, name, kind }: AnyOperation, rule: Rule): Gate {
  const what = `${service}.${name}`
  return {
    open: rule.text === anyone().text,
    ask(who) {
      const asking = new Asking(who)
      let decided = judge(what, rule, asking, false)
      if (decided) return undefined
      return {
        // after a command has run it is too late to refuse it
        read: (input) => void (decided = judge(what, rule, asking.read(input), kind === 'command')),
        answered: (output) => void (decided || judge(what, rule, asking.answered(output), true)),
      }
    },
  }
}

/** Throws unless an object is one that the rule lets somebody have to do with. */
export function authorize(what: string, rule: Rule, who: Who, object: unknown): void {
  judge(what, rule, new Asking(who).answered(object), true)
}

/** Whether the rule has let somebody pass; throws where it refuses, at the `last` stage also where it has not decided. */
function judge(what: string, rule: Rule, asking: Asking, last: boolean): boolean {
  const decided = rule.decide(asking)
  if (decided === undefined && !last) return false
  if (decided) return true
  const why = explain(rule, asking)
  const error = refusal(what, rule, asking, why)
  refusals.set(error, { rule: rule.text, lacks: missing(why) })
  throw error
}

function refusal(what: string, rule: Rule, asking: Asking, why: Explanation): Error {
  const { identity, stage, input } = asking
  if (identity.subject === ANONYMOUS)
    return new BanyanError('unauthenticated', `${what} is for ${rule.text}, and the request says not who it is for; send a token`)
  const hide = stage === 'answered' ? hidden(rule, asking) : undefined
  if (typeof hide === 'function') return hide(input)
  if (hide) return new BanyanError('not_found', `${what} found nothing that ${identity.subject} may see`)
  return new BanyanError(
    'forbidden',
    `${what} is for ${rule.text}; ${identity.subject} has the roles [${identity.roles.join(', ')}], and lacks: ${missing(why).join(', ')}`,
    { details: { why } },
  )
}

/** How the first of the rules that do not pass wants its refusal to look. */
function hidden(rule: Rule, asking: Asking): Rule['hide'] {
  if (rule.decide(asking)) return undefined
  if (rule.hide) return rule.hide
  for (const part of rule.parts ?? []) {
    const found = hidden(part, asking)
    if (found) return found
  }
  return undefined
}
