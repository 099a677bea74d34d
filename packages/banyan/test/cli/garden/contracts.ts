import { command, contract, event, query } from 'banyan'
import { z } from 'zod'

/** Where things grow. */
export const beds = contract('beds', {
  sow: command({ http: 'POST /beds', input: z.object({ bed: z.string(), plant: z.string() }) }),
  wait: query({ http: 'GET /wait' }),
  Sown: event(z.object({ bed: z.string(), plant: z.string() })),
})

/** What is written down about it. */
export const diary = contract('diary', {
  entries: query({ http: 'GET /diary/:bed', input: z.object({ bed: z.string() }), output: z.array(z.string()) }),
  burn: command({ http: 'DELETE /diary' }),
  Noted: event(z.object({ text: z.string() })),
})
