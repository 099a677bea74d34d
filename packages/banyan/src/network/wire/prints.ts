import { createHash } from 'node:crypto'
import { canonicalJson } from '../../kernel/json.ts'
import { inputJsonSchema, outputJsonSchema } from '../../kernel/schema.ts'
import type { AnyOperation } from '../../model/operation.ts'
import { targetOf } from './targets.ts'

/** A hash of each operation as it is seen from outside, by what the wire calls it. */
export type Prints = Readonly<Record<string, string>>

const LENGTH = 12

/** Equal where kind, input, output and declared errors are: by these two units see whether their contracts are of one version. */
export function printsOf(operations: readonly AnyOperation[]): Prints {
  return Object.fromEntries(operations.map((operation) => [targetOf(operation), print(operation)]))
}

function print({ kind, facts: { input, output, errors } }: AnyOperation): string {
  const refusals = Object.entries(errors).map(([name, details]) => [name, outputJsonSchema(details)])
  const seen = [kind, input && inputJsonSchema(input), output && outputJsonSchema(output), Object.fromEntries(refusals)]
  return createHash('sha256')
    .update(canonicalJson(unordered(seen)))
    .digest('base64url')
    .slice(0, LENGTH)
}

/** With `required` in one order, whatever the order of the properties: to JSON Schema it is a set. */
function unordered(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(unordered)
  if (typeof schema !== 'object' || schema === null) return schema
  const entries = Object.entries(schema).map(([key, value]) => [key, key === 'required' && Array.isArray(value) ? value.map(String).sort() : unordered(value)])
  return Object.fromEntries(entries)
}

export interface Differences {
  /** Operations that are something else there. */
  readonly changed: readonly string[]
  /** Operations that are not there: calls of them are refused. */
  readonly absent: readonly string[]
}

/** How what another unit answers differs from what this one calls; `undefined`: not at all. */
export function differences(own: Prints, theirs: Prints): Differences | undefined {
  const names = Object.keys(own)
  const absent = names.filter((name) => !Object.hasOwn(theirs, name))
  const changed = names.filter((name) => Object.hasOwn(theirs, name) && theirs[name] !== own[name])
  return absent.length + changed.length > 0 ? { changed, absent } : undefined
}
