import type { Reading } from './stored-answer.ts'
import type { StaleGrants } from './reuse.ts'
import type { StorePolicy } from './storable.ts'

/** How a route is cached. */
export interface RouteCaching extends Reading, StorePolicy {
  /** What this cache is called in `Cache-Status`; a token of RFC 8941. */
  readonly name: string
  /** For answers that grant nothing themselves and forbid nothing. */
  readonly stale: StaleGrants
  /** Whether clients may ask past the cache (`no-cache`, `max-age`, `min-fresh`) or for stale answers (`max-stale`). `no-store` and `only-if-cached` are always obeyed. */
  readonly requests: 'obey' | 'ignore'
  /** A larger body is streamed through and not kept, in bytes. */
  readonly largest: number
}

export const routeCaching: RouteCaching = {
  name: 'banyan',
  targets: ['cdn-cache-control'],
  heuristic: { fraction: 0.1, capMs: 86_400_000 },
  setCookie: 'refuse',
  stale: { whileRevalidateMs: 0, ifErrorMs: 0 },
  requests: 'obey',
  largest: 8 * 1024 * 1024,
}
