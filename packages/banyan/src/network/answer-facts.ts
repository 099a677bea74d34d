import type { Envelope } from './envelope.ts'

/** What is known of a cached answer besides its value. */
export interface AnswerFacts {
  /** As it stands in the cache. */
  readonly text: string
  /** Entity tag of the text, in quotes. */
  readonly etag: string
  /** `hit`, `stale` and `failing` came from the cache; `loaded` did not. */
  readonly way: 'hit' | 'stale' | 'failing' | 'loaded'
  /** Milliseconds since it was loaded, and for how many it is still fresh; negative where it is not. */
  readonly ageMs: number
  readonly freshMs: number
}

const noted = new WeakMap<Envelope, AnswerFacts>()

/** Notes where an answer came from, for whoever asked for it in this process. */
export function noteAnswer(envelope: Envelope, facts: AnswerFacts): void {
  noted.set(envelope, facts)
}

/** What was noted is not of the answer that is given. */
export function forgetAnswer(envelope: Envelope): void {
  noted.delete(envelope)
}

/** `undefined`: nothing is known, since it is not cached, or was asked for in another unit by HTTP or with hedging, which do not tell. */
export function answerFacts(envelope: Envelope): AnswerFacts | undefined {
  return noted.get(envelope)
}
