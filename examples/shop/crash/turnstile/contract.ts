import { command, contract, event, query } from 'banyan'
import { z } from 'zod'

const Count = z.number().int()

/** A turnstile at the shop's door. An order that is placed twice is placed once, by its id; but whoever passes twice is counted twice. */
export const turnstile = contract('turnstile', {
  /** Lets a visitor through, and says which number they are. Written as an event. */
  pass: command({ http: 'POST /turnstile/passes', output: z.object({ number: Count }) }),

  /** Stamps a hand, and says which number it is. Written into a table. */
  stamp: command({ http: 'POST /turnstile/stamps', output: z.object({ number: Count }) }),

  ledger: query({ http: 'GET /ledgers/turnstile', output: z.object({ passes: Count, stamps: Count }) }),

  Passed: event(z.object({})),
  Stamped: event(z.object({})),
})
