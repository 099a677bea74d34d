import { app, env, single, topology } from 'banyan'

export default app('shop', {
  services: {
    catalog: () => import('./catalog/service.ts'),
    inventory: () => import('./inventory/service.ts'),
    payments: () => import('./payments/service.ts'),
    orders: () => import('./orders/service.ts'),
  },
  topologies: {
    one: single(),
    split: topology({ units: { sales: ['orders', 'payments'], stock: ['catalog', 'inventory'] }, database: env('DATABASE_URL') }),
  },
})
