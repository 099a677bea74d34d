import { app, single, topology } from 'banyan'

/** The shop, with a turnstile at its door: what is repeated there shows. */
export default app('shop', {
  services: {
    catalog: () => import('../catalog/service.ts'),
    inventory: () => import('../inventory/service.ts'),
    payments: () => import('../payments/service.ts'),
    orders: () => import('../orders/service.ts'),
    shipping: () => import('../shipping/service.ts'),
    turnstile: () => import('./turnstile/service.ts'),
    visitors: () => import('./visitors/service.ts'),
  },
  topologies: {
    one: single({ connections: 42 }),
    split: topology({ units: { sales: ['orders', 'payments', 'turnstile'], stock: ['catalog', 'inventory', 'shipping', 'visitors'] } }),
  },
})
