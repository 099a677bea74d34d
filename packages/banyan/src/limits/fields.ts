import type { Decision } from './decision.ts'

/** What is told of one limit. */
export interface ToldLimit {
  readonly guard: { readonly name: string; readonly windowMs: number | undefined; readonly held: boolean }
  readonly taken: Pick<Decision, 'limit' | 'remaining' | 'resetMs'>
}

/** `RateLimit-Policy` of draft-ietf-httpapi-ratelimit-headers-11: `"user";q=20;w=2`: a quota of 20 in a window of two seconds. */
export function policyField(told: readonly ToldLimit[]): string {
  return told
    .map(({ guard: { name, windowMs, held }, taken: { limit } }) => {
      const unit = held ? ';qu="concurrent-requests"' : ''
      return `"${name}";q=${limit}${unit}${windowMs === undefined ? '' : `;w=${Math.ceil(windowMs / 1_000)}`}`
    })
    .join(', ')
}

/** `RateLimit` of the same draft: `"user";r=19;t=1`: 19 are left, and in a second there are as many as there can be. */
export function stateField(told: readonly ToldLimit[]): string {
  return told
    .map(({ guard: { name, held }, taken: { remaining, resetMs } }) => `"${name}";r=${remaining}${held ? '' : `;t=${Math.ceil(resetMs / 1_000)}`}`)
    .join(', ')
}
