import { app, env, single, topology } from 'banyan'

export default app('shop', {
  services: {
    catalog: () => import('./catalog/service.ts'),
    orders: () => import('./orders/service.ts'),
    payments: () => import('./payments/service.ts'),
  },
  topologies: {
    one: single(),
    split: topology({ units: { front: ['catalog', 'orders'], money: ['payments'] }, database: env('DATABASE_URL') }),
  },
})
