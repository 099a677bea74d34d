import { z } from 'zod'
import { anyone, apiKeys, app, authenticated, command, contract, env, implement, oidc, query, redis, scope, single } from '../../src/index.ts'

const Who = z.object({ subject: z.string(), roles: z.array(z.string()), scopes: z.array(z.string()), tenant: z.string() })

/** Members come in by the identity provider, programs by keys. */
export const club = contract('club', {
  me: query({ http: 'GET /me', output: Who }),
  notice: query({ http: 'GET /notice', output: z.object({ text: z.string() }) }),
  pin: command({ http: 'POST /notices', input: z.object({ text: z.string() }), output: z.object({ by: z.string() }) }),
  books: query({ http: 'GET /books', output: z.object({ seen: z.string() }) }),
})

const service = implement(club).service({
  handlers: {
    me: (_input, { identity: { subject, roles, scopes, tenant } }) => ({ subject, roles: [...roles], scopes: [...scopes], tenant }),
    notice: () => ({ text: 'closed on Mondays' }),
    pin: (_input, { identity, transact }) => transact(() => ({ by: identity.subject })),
    books: (_input, { identity }) => ({ seen: identity.subject }),
  },
  policies: {
    me: { access: authenticated() },
    notice: { access: anyone() },
    pin: { access: authenticated() },
    books: { access: scope('books:read') },
  },
})

export default app(process.env['CLUB'] ?? 'club', {
  services: { club: async () => ({ default: service }) },
  auth: [
    apiKeys({ prefix: 'club' }),
    oidc({
      issuer: env('CLUB_ISSUER'),
      clientId: 'club',
      clientSecret: env('CLUB_SECRET'),
      sessions: { idle: '30m', lasting: '12h' },
    }),
  ],
  topologies: { 'sessions-in-redis': single({ sessions: redis(env('CLUB_REDIS')) }) },
})
