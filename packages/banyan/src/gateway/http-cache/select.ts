import type { Fields } from './fields.ts'
import type { Kept, StoredAnswer } from './stored-answer.ts'
import { variantKey } from './vary.ts'

/** The newest of a resource's stored answers that is for such a request, and whether there are some for other requests (RFC 9111 §4.1). */
export function select(
  answers: readonly StoredAnswer[],
  scope: string,
  request: Fields,
): { readonly stored: StoredAnswer | undefined; readonly others: boolean } {
  let stored: StoredAnswer | undefined
  let others = false
  for (const answer of answers) {
    if (answer.scope !== scope) continue
    if (!isFor(answer, request)) others = true
    else if (stored === undefined || answer.bornAt > stored.bornAt) stored = answer
  }
  return { stored, others }
}

/** Whether the request says the same as the one that an answer was given to, in the fields that the answer depends on. */
export function isFor({ vary, variant }: Kept, request: Fields): boolean {
  return vary !== '*' && (vary.length === 0 || variantKey(vary, request) === variant)
}
