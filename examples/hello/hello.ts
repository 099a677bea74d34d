import { anyone, contract, implement, query } from 'banyan'
import { z } from 'zod'

export const hello = contract('hello', {
  greet: query({ http: 'GET /hello/:name', input: z.object({ name: z.string().max(40) }), output: z.string() }),
})

export default implement(hello).service({
  handlers: { greet: ({ name }) => `Hello ${name}` },
  policies: { greet: { access: anyone() } },
})
