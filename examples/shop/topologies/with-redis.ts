import { env, redis, single, topology } from 'banyan'

const shared = redis(env('REDIS_URL'))

/**
 * The shop with its cache and its limits in a Redis (6.2 or later, or Valkey) that all its processes share. Nothing in it has to last, so it needs no
 * disk, but for quotas. Log-in sessions have to, and stay in PostgreSQL: who has logged in goes on while Redis is away. REDIS_URL says where it is; in
 * development that may be left out: then each process has a cache and counts of its own, which is right for one process only. `split` also needs a
 * PostgreSQL server in DATABASE_URL, and BANYAN_SECRET, the same in every unit.
 */
export const withRedis = {
  one: single({ cache: shared, limits: shared }),
  split: topology({
    units: {
      // no services: it takes requests, and passes them on
      door: [],
      sales: ['orders', 'payments', 'users', 'notifications'],
      stock: { services: ['catalog', 'inventory', 'shipping'], replicas: 2 },
    },
    database: env('DATABASE_URL'),
    cache: shared,
    limits: shared,
    // while Redis is away each process counts for itself, rather than refuse everybody
    whenAway: 'open',
  }),
}
