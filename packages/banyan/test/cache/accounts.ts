import { z } from 'zod'
import { anyone, app, authenticated, command, contract, env, event, implement, owner, postgres, query, redis, single, topology } from '../../src/index.ts'

const Account = z.object({ name: z.string(), holder: z.string(), amount: z.number().int() })
const Name = Account.pick({ name: true })
const errors = { NotFound: Name }

export const accounts = contract('accounts', {
  set: command({ http: 'PUT /accounts/:name', input: Account }),
  /** Changes the table and says nothing, as somebody with psql would. */
  setQuietly: command({ http: 'PATCH /accounts/:name', input: Account }),
  /** For everybody. */
  byName: query({ http: 'GET /accounts/:name', input: Name, output: Account, errors }),
  /** For who holds it. */
  mine: query({ http: 'GET /accounts/:name/mine', input: Name, output: Account, errors }),
  /** Says who asked. */
  whoami: query({ http: 'GET /whoami', output: z.object({ subject: z.string(), roles: z.array(z.string()) }) }),
  /** Of a projection. */
  total: query({ http: 'GET /total', output: z.object({ amount: z.number() }), consistency: 'eventual' }),
  plain: query({ http: 'GET /plain/:name', input: Name, output: Account, errors }),
  byHand: query({ http: 'GET /by-hand/:name', input: Name, output: Account }),
  /** What is cached by hand, changed by hand. */
  putByHand: command({ input: Account }),
  dropByHand: command({ input: Name }),
  clearByHand: command({}),
  Set: event(Account),
})
export const reports = contract('reports', {
  account: query({ http: 'GET /reports/:name', input: Name, output: z.object({ text: z.string() }) }),
})

/** How often each handler has run, and what it waits for, or fails with. */
export const runs = new Map<string, number>()
export const origin: { wait: Promise<unknown> | undefined; failure: Error | undefined } = { wait: undefined, failure: undefined }

async function ran(name: string): Promise<void> {
  runs.set(name, (runs.get(name) ?? 0) + 1)
  await origin.wait
  if (origin.failure) throw origin.failure
}

type Account = z.infer<typeof Account>
interface Tables {
  account: Account
  total: { one: boolean; amount: string }
}
const own = implement(accounts, { store: postgres<Tables>({ migrations: import.meta.resolve('./ledger') }) })

const read = (operation: 'byName' | 'mine' | 'plain') =>
  own.handler(accounts[operation], async ({ name }, { db }) => {
    await ran(operation)
    const found = await db.selectFrom('account').selectAll().where('name', '=', name).executeTakeFirst()
    if (!found) throw accounts[operation].errors.NotFound({ name })
    return found
  })
const write = 'insert into account values ($1, $2, $3) on conflict (name) do update set holder = excluded.holder, amount = excluded.amount'

const accountsService = own.service({
  handlers: {
    set: ({ name, holder, amount }, { transact }) =>
      transact(async (tx) => {
        await tx.query(write, [name, holder, amount])
        tx.emit(accounts.Set({ name, holder, amount }), { key: name })
      }),
    setQuietly: ({ name, holder, amount }, { transact }) => transact((tx) => tx.query(write, [name, holder, amount])),
    byName: read('byName'),
    mine: read('mine'),
    plain: read('plain'),
    whoami: async (_input, { identity: { subject, roles } }) => {
      await ran('whoami')
      return { subject, roles: [...roles] }
    },
    total: async (_input, { db }) => {
      await ran('total')
      const row = await db.selectFrom('total').select('amount').executeTakeFirst()
      return { amount: Number(row?.amount ?? 0) }
    },
    byHand: ({ name }, { cache, db }) =>
      cache.getOrSet(
        name,
        async () => {
          await ran('byHand')
          return db.selectFrom('account').selectAll().where('name', '=', name).executeTakeFirstOrThrow()
        },
        { ttl: '1h', tags: [`account:${name}`] },
      ),
    putByHand: (account, { cache }) => cache.set(account.name, account, { ttl: '1h', tags: [`account:${account.name}`] }),
    dropByHand: ({ name }, { cache }) => cache.delete(name),
    clearByHand: (_input, { cache }) => cache.clear(),
  },
  policies: {
    putByHand: { access: anyone() },
    dropByHand: { access: anyone() },
    clearByHand: { access: anyone() },
    set: { access: anyone() },
    setQuietly: { access: anyone() },
    byName: {
      access: anyone(),
      cache: { ttl: '1h', staleIfError: '1h', shared: true, notFound: '1h', tags: ({ name }) => [`account:${name}`] },
    },
    mine: { access: owner(({ holder }) => holder), cache: { ttl: '1h', shared: true, tags: ({ name }) => [`account:${name}`] } },
    whoami: { access: authenticated(), cache: { ttl: '1h' } },
    total: { access: anyone(), cache: { ttl: '1h', shared: true, tags: () => ['total'], browser: '5s' } },
    plain: { access: anyone() },
    byHand: { access: anyone() },
  },
  projections: [
    own.projection('total', { version: 1 }, (on) => [
      on(accounts.Set, ({ amount }, { query: sql }) =>
        sql('insert into total (amount) values ($1) on conflict (one) do update set amount = total.amount + excluded.amount', [amount]),
      ),
    ]),
  ],
  invalidations: [own.invalidation(accounts.Set, ({ name }) => [`account:${name}`, 'total'])],
})

const reporting = implement(reports, { uses: { accounts } })
const reportsService = reporting.service({
  handlers: {
    account: async ({ name }, { call }) => {
      await ran('account')
      const { amount } = await call.accounts.byName({ name })
      return { text: `${name} has ${amount}` }
    },
  },
  policies: { account: { access: anyone(), cache: { ttl: '1h', shared: true, tags: ({ name }) => [`about:${name}`] } } },
  // of another service's event, which comes through its feed
  invalidations: [reporting.invalidation(accounts.Set, ({ name }) => [`about:${name}`])],
})

const cache = redis(env('CACHE_TEST_REDIS_URL'))
export default app('ledgers', {
  services: { accounts: async () => ({ default: accountsService }), reports: async () => ({ default: reportsService }) },
  topologies: {
    one: single({ cache }),
    two: topology({ units: { books: ['accounts'], desk: ['reports'] }, cache }),
  },
})
