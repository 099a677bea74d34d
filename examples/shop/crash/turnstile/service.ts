import { aggregate, anyone, events, from, implement, postgres } from 'banyan'
import { z } from 'zod'
import { visitors } from '../visitors/contract.ts'
import { turnstile } from './contract.ts'

const { Passed } = events({ Passed: z.object({}) })

const gate = aggregate('gate', {
  events: { Passed },
  initial: { passes: 0 },
  evolve: { Passed: ({ passes }) => ({ passes: passes + 1 }) },
  decide: { pass: () => Passed({}) },
})

const { service } = implement(turnstile, {
  uses: { visitors },
  store: postgres<{ stamps: { count: number } }>({ migrations: import.meta.resolve('./migrations') }),
})

export default service({
  handlers: {
    pass: (_input, { transact }) =>
      transact(async (tx) => {
        const { version } = await tx.decide(gate, 'the door').pass()
        tx.send.visitors.count()
        return { number: version }
      }),
    stamp: (_input, { transact }) =>
      transact(async (tx) => {
        const { count } = await tx.db
          .updateTable('stamps')
          .set(({ eb }) => ({ count: eb('count', '+', 1) }))
          .returning('count')
          .executeTakeFirstOrThrow()
        tx.emit(turnstile.Stamped({}), { key: 'the door' })
        tx.send.visitors.count()
        return { number: count }
      }),
    ledger: async (_input, { db, load }) => {
      const { count } = await db.selectFrom('stamps').select('count').executeTakeFirstOrThrow()
      return { passes: (await load(gate, 'the door')).state.passes, stamps: count }
    },
  },
  publishes: { Passed: from(gate, 'Passed') },
  policies: { pass: { access: anyone() }, stamp: { access: anyone() }, ledger: { access: anyone() } },
})
