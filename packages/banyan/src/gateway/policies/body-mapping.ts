import type { JsonSchema } from '../file/schema-texts.ts'
import { pointerSteps, putAt, removeAt, valueAt } from './json-pointer.ts'

/** How a JSON body is changed; in this order. */
export interface BodyMapping {
  /** The list whose elements are changed, in the place of the body. */
  readonly each?: string
  /** All else is left out. */
  readonly pick?: readonly string[]
  readonly rename?: Readonly<Record<string, string>>
  readonly remove?: readonly string[]
  readonly set?: Readonly<Record<string, unknown>>
  /** Bytes; bodies above are refused. */
  readonly limit?: number
}

/** Bytes of a body that is mapped, unless said. */
export const BODY_LIMIT: number = 1 << 20

const pointer: JsonSchema = {
  type: 'string',
  pattern: '^(?:/(?:[^~/]|~0|~1)*)+$',
  patternErrorMessage: "a JSON Pointer (RFC 6901), such as '/customer/name'",
}

export const bodyMappingSchema: JsonSchema = {
  description: 'How a JSON body is changed; bodies of other types pass as they are. Members are named by JSON Pointer (RFC 6901): `/customer/name`.',
  type: 'object',
  properties: {
    each: {
      description: 'The list whose elements are changed, in the place of the body; an empty text where the body is the list.',
      type: 'string',
      pattern: '^(?:/(?:[^~/]|~0|~1)*)*$',
      patternErrorMessage: "a JSON Pointer (RFC 6901), such as '/items', or nothing",
    },
    pick: { description: 'First: only these are kept.', type: 'array', items: pointer, minItems: 1 },
    rename: { description: 'Second: these are moved.', type: 'object', propertyNames: pointer, additionalProperties: pointer, minProperties: 1 },
    remove: { description: 'Third: these are taken away.', type: 'array', items: pointer, minItems: 1 },
    set: { description: 'Last: these have this value, whatever it was.', type: 'object', propertyNames: pointer, minProperties: 1 },
    limit: { description: 'The most bytes that a body may have; 1048576 unless said.', type: 'integer', minimum: 1, maximum: 1 << 26 },
  },
  additionalProperties: false,
  minProperties: 1,
}

/** Changes a value as JSON has it; the value given may be changed too. */
export type Mapped = (value: unknown) => unknown

/** The change that a mapping describes. Throws `invalid_configuration` for members that are no data. */
export function bodyMapping({ each, pick, rename = {}, remove = [], set = {} }: BodyMapping): Mapped {
  const picked = pick?.map(pointerSteps)
  const renamed = Object.entries(rename).map(([from, to]) => [pointerSteps(from), pointerSteps(to)] as const)
  const removed = remove.map(pointerSteps)
  const fixed = Object.entries(set).map(([at, value]) => [pointerSteps(at), value] as const)
  const list = each === undefined ? undefined : pointerSteps(each)

  const one: Mapped = (value) => {
    if (typeof value !== 'object' || value === null) return value
    const changed = picked ? pickedFrom(value, picked) : value
    for (const [from, to] of renamed) move(changed, from, to)
    for (const steps of removed) removeAt(changed, steps)
    for (const [steps, fresh] of fixed) putAt(changed, steps, structuredClone(fresh))
    return changed
  }
  return (value) => {
    if (list === undefined) return one(value)
    const elements = valueAt(value, list)
    if (Array.isArray(elements)) elements.forEach((element: unknown, index) => (elements[index] = one(element)))
    return value
  }
}

function pickedFrom(value: object, pointers: readonly (readonly string[])[]): unknown {
  const kept = {}
  for (const steps of pointers) {
    const found = valueAt(value, steps)
    if (found !== undefined) putAt(kept, steps, found)
  }
  return kept
}

function move(value: unknown, from: readonly string[], to: readonly string[]): void {
  const found = valueAt(value, from)
  if (found === undefined) return
  removeAt(value, from)
  putAt(value, to, found)
}
