/** Where something stands in a document: keys and indices from the root. */
export type Path = readonly (string | number)[]

/** A path in the words of the file: `routes[1].headers['x-version']`; `the file` for its root. */
export function pathText(path: Path): string {
  if (path.length === 0) return 'the file'
  return path.map((step, index) => stepText(step, index === 0)).join('')
}

function stepText(step: string | number, first: boolean): string {
  if (typeof step === 'number') return `[${step}]`
  if (!/^[A-Za-z_][\w-]*$/.test(step)) return `['${step}']`
  return first ? step : `.${step}`
}

/** The steps of a JSON Pointer (RFC 6901). Digits are indices: a key of digits reads the same in a message. */
export function pointerPath(pointer: string): Path {
  const steps = pointer.split('/').slice(1)
  return steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~')).map((step) => (/^(?:0|[1-9]\d*)$/.test(step) ? Number(step) : step))
}

/** One text for each path, to look it up by. */
export function pathKey(path: Path): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
