/** What the surface tells browsers and caches about the answers of a query; durations in seconds. */
export interface CacheRules {
  /** Whether everybody is answered the same, without being asked who they are. */
  readonly everybody: boolean
  /** Whether what a caller has written itself must be seen. */
  readonly session: boolean
  /** How long a browser need not ask again. */
  readonly browser: number
  /** How long a cache that serves many need not ask again. */
  readonly cdn: number
  readonly staleWhileRevalidate: number
  readonly staleIfError: number
  /** What an answer depends on, as caches are told. */
  tags(input: unknown, output: unknown): readonly string[]
}
