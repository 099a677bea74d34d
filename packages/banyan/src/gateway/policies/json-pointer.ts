import { BanyanError } from '../../kernel/errors.ts'

/** The steps of a JSON Pointer (RFC 6901); none for `''`, the whole. Throws `invalid_configuration` for what would reach beyond the data. */
export function pointerSteps(pointer: string): readonly string[] {
  const steps = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  if (steps.includes('__proto__')) throw new BanyanError('invalid_configuration', `'${pointer}' names __proto__, which is no data; map another member`)
  return steps
}

/** What is at the steps; `undefined` where nothing is. */
export function valueAt(root: unknown, steps: readonly string[]): unknown {
  return steps.reduce((at, step) => (has(at, step) ? at[step] : undefined), root)
}

/** Puts a value at the steps, and makes the objects on the way; in a list at its end (`-`) or in the place of an element. Nothing happens where there is no such place. */
export function putAt(root: unknown, steps: readonly string[], value: unknown): void {
  const last = steps.at(-1)
  if (last === undefined) return
  let holder = root
  for (const step of steps.slice(0, -1)) {
    if (isObject(holder) && !Object.hasOwn(holder, step)) holder[step] = {}
    if (!has(holder, step)) return
    holder = holder[step]
  }
  if (Array.isArray(holder) && last === '-') holder.push(value)
  else if (isObject(holder) || has(holder, last)) holder[last] = value
}

/** Takes what is at the steps away, from a list so that what follows moves up. */
export function removeAt(root: unknown, steps: readonly string[]): void {
  const holder = valueAt(root, steps.slice(0, -1))
  const last = steps.at(-1)
  if (last === undefined || !has(holder, last)) return
  if (Array.isArray(holder)) holder.splice(Number(last), 1)
  else delete holder[last]
}

/** Whether a value has such a member or element: the length of a list is neither. */
function has(value: unknown, step: string): value is Record<string, unknown> {
  if (Array.isArray(value)) return /^(?:0|[1-9]\d*)$/.test(step) && Number(step) < value.length
  return isObject(value) && Object.hasOwn(value, step)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
