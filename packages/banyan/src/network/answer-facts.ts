/** A cached answer as it is written; the same object as long as the same one is kept, so that more may be remembered of it. */
export interface AnswerText {
  readonly text: string
  /** Entity tag of the text, in quotes. */
  readonly etag: string
}

/** What is known of a cached answer besides its value. */
export interface AnswerFacts {
  readonly kept: AnswerText
  /** `hit`, `stale` and `failing` came from the cache; `loaded` did not. */
  readonly way: 'hit' | 'stale' | 'failing' | 'loaded'
  /** Milliseconds since it was loaded, and for how many it is still fresh; negative where it is not. */
  readonly ageMs: number
  readonly freshMs: number
}
