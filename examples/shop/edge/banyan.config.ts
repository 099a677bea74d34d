import { app, env, jwt, oidc } from 'banyan'
import { withRedis } from '../topologies/with-redis.ts'
import { users } from '../users/contract.ts'
import { issuer } from '../values/issuer.ts'

/** The shop behind an edge: log-in with an identity provider, limits and cache in Redis, and a foreign server behind the same door. */
export default app('shop', {
  http: { pages: import.meta.resolve('../front') },
  services: {
    catalog: () => import('../catalog/service.ts'),
    inventory: () => import('../inventory/service.ts'),
    payments: () => import('../payments/service.ts'),
    orders: () => import('../orders/service.ts'),
    shipping: () => import('../shipping/service.ts'),
    users: () => import('../users/service.ts'),
    notifications: () => import('../notifications/service.ts'),
  },
  auth: [
    jwt({ ...issuer, jwks: users.keys, claims: ['amr'] }), // what the shop gives out itself, to programs
    oidc({ issuer: env('OIDC_ISSUER'), clientId: 'shop', clientSecret: env('OIDC_SECRET') }), // people in browsers
  ],
  gateway: { file: import.meta.resolve('./gateway.yaml') },
  topologies: withRedis,
})
