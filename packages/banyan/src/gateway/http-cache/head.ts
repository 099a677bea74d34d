import type { EdgeAnswer } from '../exchange.ts'
import { lowerCased } from './fields.ts'
import { isTrouble, type OriginParts } from './origin.ts'
import { isSame } from './preconditions.ts'
import type { Question } from './question.ts'
import { whyNotStored } from './storable.ts'
import { freshened } from './stored-answer.ts'

/** Passes a HEAD on. Its answer freshens the stored answer to GET where it is about the same representation, and else ends it (RFC 9111 §4.3.5). */
export async function headed({ request, control, next, stored }: Question, parts: OriginParts): Promise<EdgeAnswer> {
  const requestedAt = parts.wall()
  const answer = await next(request)
  if (!stored || answer.status === 304 || isTrouble(answer.status)) return answer
  if (answer.status !== 200 || !isSame(stored, lowerCased(answer.headers))) {
    await parts.store.delete(stored)
    return answer
  }
  const times = { requestedAt, arrivedAt: parts.wall(), steadyAt: parts.steady() }
  const fresh = freshened(stored, request.headers, answer, times, parts.caching)
  const keepable = whyNotStored({ ...request, method: 'GET' }, control, fresh, parts.caching) === undefined
  if (!keepable || fresh.id !== stored.id) await parts.store.delete(stored)
  if (keepable) await parts.store.put(fresh)
  return answer
}
