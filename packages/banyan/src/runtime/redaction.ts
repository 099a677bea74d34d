import { outputJsonSchema } from '../kernel/schema.ts'
import type { Access } from '../model/access.ts'
import type { Asking } from '../model/access-request.ts'
import type { Schema } from '../model/schema.ts'
import { fieldAt, redactionPath, type Remains } from './redaction-path.ts'

/** Takes out of an answer what its reader may not see, in place: the answer is a copy made for this reader. */
export type Conceal = (output: unknown, asking: Asking) => void

interface Step {
  readonly path: readonly string[]
  readonly remains: Remains
  readonly rule: Access<never, never>
}

/** Keeps fields of answers back from those whom their rules do not let pass, also where a rule cannot decide. What has no such field `check-redactions.ts` has refused. */
export function redaction(rules: Readonly<Record<string, Access<never, never>>>, output: Schema): Conceal {
  const schema = outputJsonSchema(output)
  const steps = Object.entries(rules).map(([text, rule]): Step => {
    const path = redactionPath(text)
    const found = fieldAt(schema, path)
    return { path, rule, remains: 'remains' in found ? found.remains : 'nothing' }
  })
  return (answer, asking) => {
    for (const step of steps) if (step.rule.decide(asking) !== true) keepBack(answer, step, 0)
  }
}

function keepBack(value: unknown, step: Step, at: number): void {
  if (typeof value !== 'object' || value === null) return
  const name = step.path[at]!
  if (name === '[]') {
    if (Array.isArray(value)) for (const element of value) keepBack(element, step, at + 1)
    return
  }
  const fields = value as Record<string, unknown>
  if (!Object.hasOwn(fields, name)) return
  if (at < step.path.length - 1) keepBack(fields[name], step, at + 1)
  else if (step.remains === 'null') fields[name] = null
  else delete fields[name]
}
