import {
  aggregate,
  anyone,
  app,
  authenticated,
  command,
  contract,
  event,
  events,
  from,
  implement,
  owner,
  postgres,
  query,
  role,
  topology,
} from '../../src/index.ts'
import { z } from 'zod'

const Id = z.string().min(1)
const Amount = z.int().positive()

/** Accounts with a balance, event-sourced; a table beside it. */
export const bank = contract('bank', {
  open: command({
    http: 'POST /accounts',
    input: z.object({ account: Id }),
    output: z.object({ account: z.string() }),
    errors: { Taken: z.object({ account: z.string() }) },
  }),
  deposit: command({ http: 'POST /accounts/:account/deposits', input: z.object({ account: Id, amount: Amount }), output: z.object({ balance: z.int() }) }),
  withdraw: command({
    http: 'POST /accounts/:account/withdrawals',
    input: z.object({ account: Id, amount: Amount }),
    output: z.object({ balance: z.int() }),
    errors: { TooLittle: z.object({ balance: z.int() }) },
    statuses: { TooLittle: 409 },
  }),
  /** Withdraws and notes it in a table of its own, in one transaction. */
  transfer: command({ input: z.object({ from: Id, to: Id, amount: Amount }), errors: { TooLittle: z.object({ balance: z.int() }) } }),
  balance: query({
    http: 'GET /accounts/:account',
    input: z.object({ account: Id, version: z.int().optional() }),
    output: z.object({ account: z.string(), owner: z.string(), balance: z.int() }),
  }),
  transfers: query({ input: z.object({}), output: z.array(z.object({ from: z.string(), to: z.string(), amount: z.int() })) }),
  rate: query({ input: z.object({ currency: z.string() }), output: z.object({ rate: z.number() }), errors: { Unknown: z.object({ currency: z.string() }) } }),
  Deposited: event(z.object({ account: z.string(), amount: z.int() })),
})

/** Hears what the bank says, and thanks by a send. */
export const fans = contract('fans', {
  thank: command({ input: z.object({ account: Id }), output: z.object({ thanks: z.int() }), errors: { Grumpy: z.object({}) } }),
  /** Thanks later. */
  promise: command({ input: z.object({ account: Id, inMs: z.int() }) }),
  /** How much was deposited, as fans see it. */
  given: query({ input: z.object({ account: Id }), output: z.int() }),
  thanks: query({ http: 'GET /thanks/:account', input: z.object({ account: Id }), output: z.object({ thanks: z.int(), heard: z.int() }) }),
})

const { Opened, Deposited, Withdrawn } = events({
  Opened: z.object({ owner: z.string() }),
  Deposited: z.object({ amount: z.int(), secret: z.string() }),
  Withdrawn: z.object({ amount: z.int() }),
})
export const account = aggregate('account', {
  events: { Opened, Deposited, Withdrawn },
  initial: { owner: '', balance: 0 },
  evolve: {
    Opened: (_state, { owner }) => ({ owner, balance: 0 }),
    Deposited: (state, { amount }) => ({ ...state, balance: state.balance + amount }),
    Withdrawn: (state, { amount }) => ({ ...state, balance: state.balance - amount }),
  },
  decide: {
    open: (state, { account, owner }: { account: string; owner: string }) => {
      if (state.owner !== '') throw bank.open.errors.Taken({ account })
      return Opened({ owner })
    },
    deposit: (_state, { amount }: { amount: number }) => Deposited({ amount, secret: 'not for others' }),
    withdraw: (state, { amount }: { amount: number }) => {
      if (state.balance < amount) throw bank.withdraw.errors.TooLittle({ balance: state.balance })
      return Withdrawn({ amount })
    },
  },
})

interface BankTables {
  transfer: { from_account: string; to_account: string; amount: number }
}
const bankParts = implement(bank, { store: postgres<BankTables>({ migrations: import.meta.resolve('./bank') }) })
export const bankService = bankParts.service({
  handlers: {
    open: ({ account: id }, { transact, identity }) =>
      transact(async (tx) => {
        await tx.decide(account, id).open({ account: id, owner: identity.subject })
        return { account: id }
      }),
    deposit: ({ account: id, amount }, { transact }) =>
      transact(async (tx) => {
        await tx.decide(account, id).deposit({ amount })
        return { balance: (await tx.load(account, id)).state.balance }
      }),
    withdraw: ({ account: id, amount }, { transact }) =>
      transact(async (tx) => {
        await tx.decide(account, id).withdraw({ amount })
        return { balance: (await tx.load(account, id)).state.balance }
      }),
    transfer: ({ from, to, amount }, { transact }) =>
      transact(async (tx) => {
        await tx.db.insertInto('transfer').values({ from_account: from, to_account: to, amount }).execute()
        await tx.decide(account, from).withdraw({ amount })
        await tx.decide(account, to).deposit({ amount })
      }),
    balance: async ({ account: id, version }, { load }) => {
      const { state } = await load(account, id, version === undefined ? undefined : { version })
      return { account: id, ...state }
    },
    transfers: async (_input, { db }) => {
      const rows = await db.selectFrom('transfer').selectAll().execute()
      return rows.map((row) => ({ from: row.from_account, to: row.to_account, amount: row.amount }))
    },
    rate: ({ currency }) => {
      if (currency !== 'EUR') throw bank.rate.errors.Unknown({ currency })
      return { rate: 1 }
    },
  },
  publishes: { Deposited: from(account, 'Deposited', ({ amount }, { id }) => ({ account: id, amount })) },
  policies: {
    open: { access: role('customer') },
    deposit: { access: authenticated() },
    withdraw: { access: authenticated() },
    balance: { access: owner((found) => found.owner) },
  },
})

interface FanTables {
  heard: { event: string; account: string }
  given: { account: string; amount: number }
}
const fanParts = implement(fans, { uses: { bank, fans }, store: postgres<FanTables>({ migrations: import.meta.resolve('./fans') }) })
const { Thanked } = events({ Thanked: z.object({}) })
const gratitude = aggregate('gratitude', { events: { Thanked }, initial: 0, evolve: { Thanked: (count) => count + 1 }, decide: { thank: () => Thanked({}) } })
export const fansService = fanParts.service({
  handlers: {
    thank: ({ account: id }, { transact }) =>
      transact(async (tx) => {
        if (id === 'grump') throw fans.thank.errors.Grumpy({})
        await tx.decide(gratitude, id).thank()
        return { thanks: (await tx.load(gratitude, id)).state }
      }),
    promise: ({ account: id, inMs }, { transact }) => transact((tx) => tx.send.fans.thank({ account: id }, { after: `${inMs}ms` })),
    given: async ({ account: id }, { db }) => (await db.selectFrom('given').select('amount').where('account', '=', id).executeTakeFirst())?.amount ?? 0,
    thanks: async ({ account: id }, { load, db }) => {
      const heard = await db.selectFrom('heard').selectAll().where('account', '=', id).execute()
      return { thanks: (await load(gratitude, id)).state, heard: heard.length }
    },
  },
  policies: { thanks: { access: anyone() } },
  reactions: [fanParts.on(bank.Deposited, ({ account: id }, { transact }) => transact((tx) => tx.send.fans.thank({ account: id })))],
  projections: [
    fanParts.projection('heard', { version: 1 }, (on) => [
      on(bank.Deposited, (e, { db, event: { id } }) => db.insertInto('heard').values({ event: id, account: e.account }).execute()),
    ]),
    fanParts.projection('given', { version: 1 }, (on) => [
      on.many(bank.Deposited, (deposits, { query }) =>
        query(
          `insert into given as g select account, sum(amount) from unnest($1::text[], $2::int[]) as d(account, amount) group by account order by account
           on conflict (account) do update set amount = g.amount + excluded.amount`,
          [deposits.map(({ data }) => data.account), deposits.map(({ data }) => data.amount)],
        ),
      ),
    ]),
  ],
})

export const services = {
  bank: async () => ({ default: bankService }),
  fans: async () => ({ default: fansService }),
}
export default app('bank', {
  services,
  http: { pages: import.meta.resolve('./bank-pages') },
  topologies: {
    apart: topology({ units: { money: ['bank'], joy: ['fans'] } }),
    listed: topology({ units: { money: ['bank'], joy: ['fans'] }, registry: 'static' }),
  },
})
