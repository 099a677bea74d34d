import { command, contract, query } from 'banyan'
import { z } from 'zod'

const Count = z.number().int()

/** Counts who comes through the turnstile, in every way in which one service learns of another. */
export const visitors = contract('visitors', {
  /** One more. For the turnstile, which sends it. */
  count: command({}),

  /** How many visitors `count` was sent for; passes a reaction heard of; passes and stamps a projection has seen. */
  ledger: query({ http: 'GET /ledgers/visitors', output: z.object({ counted: Count, heard: Count, seen: Count }) }),
})
