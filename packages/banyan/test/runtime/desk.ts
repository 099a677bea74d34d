import { z } from 'zod'
import { anyone, app, authenticated, command, contract, implement, query, redis, single } from '../../src/index.ts'

export const desk = contract('desk', {
  stamp: command({ http: 'POST /stamps', input: z.object({ pages: z.number().int().min(1) }), output: z.number() }),
  look: query({ http: 'GET /look', output: z.string() }),
  talk: command({ http: 'POST /talks', input: z.object({ account: z.string() }), output: z.string() }),
  count: command({ http: 'POST /counts', output: z.string() }),
  hold: command({ http: 'POST /holds', output: z.string() }),
})

/** Those who hold the desk, and how to let them go. */
export const holders: (() => void)[] = []
let held = () => {}

/** Resolves when somebody else holds the desk. */
export function nextHolder(): Promise<void> {
  return new Promise((resolve) => (held = resolve))
}

const service = implement(desk).service({
  handlers: {
    stamp: ({ pages }) => pages,
    look: () => 'seen',
    talk: ({ account }) => account,
    count: () => 'counted',
    hold: () =>
      new Promise<string>((resolve) => {
        holders.push(() => resolve('held'))
        held()
      }),
  },
  policies: {
    stamp: { access: authenticated(), limit: { rate: '10/d', cost: ({ pages }) => pages } },
    look: { access: anyone(), limit: { rate: '3/d', per: 'ip' } },
    talk: {
      access: anyone(),
      limit: [
        { rate: '100/d', per: 'ip' },
        { rate: '2/d', per: ({ input: { account } }) => account, name: 'account' },
        { rate: '5/d', per: 'operation', burst: 5, algorithm: 'gcra' },
      ],
    },
    count: { access: authenticated(), quota: { plans: { free: { perDay: 2 }, pro: {} }, plan: (identity) => (identity.has('pro') ? 'pro' : 'free') } },
    hold: { access: anyone(), limit: { concurrency: 1, per: 'operation', lease: '30s' } },
  },
})

/** An app whose operations have limits of every kind, counted in memory or in a Redis. */
export function office(store: { url: string; prefix: string } | undefined, whenAway?: 'open' | 'closed') {
  const limits = store && redis(store.url, { prefix: store.prefix })
  return app('office', {
    services: { desk: async () => ({ default: service }) },
    http: { trustedProxies: ['loopback'] },
    topologies: { one: single({ ...(limits && { limits }), ...(whenAway && { whenAway }) }) },
  })
}
