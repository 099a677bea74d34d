import { app, env, single, topology } from 'banyan'
import { users } from './users/contract.ts'
import { issuer } from './values/issuer.ts'

export default app('shop', {
  http: { pages: import.meta.resolve('./front') },
  services: {
    catalog: () => import('./catalog/service.ts'),
    inventory: () => import('./inventory/service.ts'),
    payments: () => import('./payments/service.ts'),
    orders: () => import('./orders/service.ts'),
    shipping: () => import('./shipping/service.ts'),
    users: () => import('./users/service.ts'),
    notifications: () => import('./notifications/service.ts'),
  },
  // the shop gives out its own tokens
  auth: { ...issuer, jwks: users.keys, claims: ['amr'] },
  topologies: {
    one: single(),
    split: topology({
      units: {
        sales: ['orders', 'payments', 'users', 'notifications'],
        stock: ['catalog', 'inventory', 'shipping'],
      },
      database: env('DATABASE_URL'),
    }),
  },
})
