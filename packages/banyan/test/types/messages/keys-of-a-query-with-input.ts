import { app, command, contract, query } from 'banyan'
import { z } from 'zod'

const Keys = z.object({ keys: z.array(z.object({ kty: z.string() })) })
const users = contract('users', {
  withInput: query({ input: z.object({ realm: z.string() }), output: Keys }),
  names: query({ output: z.array(z.string()) }),
  make: command({ output: Keys }),
})
app('shop', { services: {}, auth: { issuer: 'users', audience: 'shop', jwks: users.withInput } })
