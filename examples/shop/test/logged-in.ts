import type { Calls } from '../shop.ts'
import type { Tokens } from '../users/contract.ts'

/** The tokens of somebody who has no second factor. */
export async function loggedIn({ users }: Calls, credentials: Parameters<Calls['users']['logIn']>[0]): Promise<Tokens> {
  const answer = await users.logIn(credentials)
  if ('challenge' in answer) throw new Error(`${credentials.email} is asked for a second factor`)
  return answer
}
