import { z } from 'zod'
import { apiKeys, app, authenticated, contract, env, implement, oidc, query, scope, topology } from '../../src/index.ts'

const hall = contract('hall', {
  me: query({ http: 'GET /me', output: z.object({ subject: z.string() }) }),
})
const annex = contract('annex', {
  books: query({ http: 'GET /books', output: z.object({ seen: z.string() }) }),
})

const hallService = implement(hall).service({
  handlers: { me: (_input, { identity }) => ({ subject: identity.subject }) },
  policies: { me: { access: authenticated() } },
})
const annexService = implement(annex).service({
  handlers: { books: (_input, { identity }) => ({ seen: identity.subject }) },
  policies: { books: { access: scope('books:read') } },
})

/** Two units of one app; each answers every route, and knows by itself who asks. */
export default app('houses', {
  services: { hall: async () => ({ default: hallService }), annex: async () => ({ default: annexService }) },
  auth: [apiKeys({ prefix: 'club' }), oidc({ issuer: env('CLUB_ISSUER'), clientId: 'club', clientSecret: env('CLUB_SECRET') })],
  topologies: { apart: topology({ units: { hall: ['hall'], annex: ['annex'] } }) },
})
