import type { BanyanError } from '../kernel/errors.ts'
import type { Awaitable } from './schema.ts'

/** What becomes of a request at a gate. */
export interface Pass {
  /** Why it may not pass; then nothing was spent. */
  readonly refusal: BanyanError | undefined
  /** Values of the fields `RateLimit-Policy` and `RateLimit`; empty where no limit had anything to say. */
  readonly policy: string
  readonly state: string
  /** To be called when the answer is given, where something is held until then. */
  leave?(): Awaitable<void>
  /** Instead of it: gives back all that was spent, since something else refuses the request. Answers `state` as it is then. */
  undo?(): Awaitable<string>
}
