import type { Fields } from './fields.ts'
import { variantKey } from './vary.ts'

/** What earlier answers of a resource tell about the next one, before it is there. */
interface Hint {
  readonly vary: readonly string[]
  /** Until then its answers are taken as nobody else's business, on the steady clock. */
  readonly aloneUntil: number
}

const MOST_HINTS = 10_000
const ALONE_MS = 10_000

/**
 * Which requests are worth waiting for each other. Requests that will get different variants, or answers for nobody else, should not
 * queue behind one another. Hints may be wrong: they decide about waiting, never about what is served.
 */
export interface CollapseHints {
  /** Requests with the same text may share an answer; `undefined`: ask alone. */
  together(resource: string, request: Fields, now: number): string | undefined
  shared(resource: string, vary: readonly string[]): void
  alone(resource: string, now: number): void
}

export function collapseHints(): CollapseHints {
  const hints = new Map<string, Hint>()
  function set(resource: string, hint: Hint): void {
    hints.delete(resource)
    hints.set(resource, hint)
    if (hints.size <= MOST_HINTS) return
    for (const oldest of hints.keys()) {
      hints.delete(oldest)
      return
    }
  }
  return {
    together(resource, request, now) {
      const hint = hints.get(resource)
      if (!hint) return `${resource}\n`
      return now < hint.aloneUntil ? undefined : `${resource}\n${variantKey(hint.vary, request)}`
    },
    shared(resource, vary) {
      const before = hints.get(resource)
      if (vary.length === 0 ? before : before?.vary.join() !== vary.join() || before.aloneUntil > 0) set(resource, { vary, aloneUntil: 0 })
    },
    alone(resource, now) {
      set(resource, { vary: hints.get(resource)?.vary ?? [], aloneUntil: now + ALONE_MS })
    },
  }
}
