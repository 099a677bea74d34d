/** Errors that another service gave to its caller, who must not pass them on as its own. */
const foreign = new WeakSet<object>()

/** The error itself, which counts as another service's from now on. */
export function asForeign(error: unknown): unknown {
  if (typeof error === 'object' && error !== null) foreign.add(error)
  return error
}

export function isForeign(error: unknown): boolean {
  return typeof error === 'object' && error !== null && foreign.has(error)
}
