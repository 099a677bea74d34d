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
