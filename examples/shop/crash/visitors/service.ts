import { anyone, implement, postgres, services } from 'banyan'
import { turnstile } from '../turnstile/contract.ts'
import { visitors } from './contract.ts'

interface Tables {
  tally: { kind: 'counted' | 'heard' | 'seen'; count: number }
}

const { on, projection, service } = implement(visitors, { uses: { turnstile }, store: postgres<Tables>({ migrations: import.meta.resolve('./migrations') }) })

const add = /* sql */ `update tally set count = count + 1 where kind = $1`

export default service({
  handlers: {
    count: (_input, { transact }) =>
      transact(async (tx) => {
        await tx.query(add, ['counted'])
      }),
    ledger: async (_input, { db }) => {
      const rows = await db.selectFrom('tally').selectAll().execute()
      const count = (kind: Tables['tally']['kind']) => rows.find((row) => row.kind === kind)?.count ?? 0
      return { counted: count('counted'), heard: count('heard'), seen: count('seen') }
    },
  },
  policies: { count: { access: services('turnstile') }, ledger: { access: anyone() } },
  reactions: [on(turnstile.Passed, (_passed, { transact }) => transact((tx) => tx.query(add, ['heard'])))],
  projections: [
    projection('seen', { version: 1 }, (on) => [
      on(turnstile.Passed, (_passed, { query }) => query(add, ['seen'])),
      on(turnstile.Stamped, (_stamped, { query }) => query(add, ['seen'])),
    ]),
  ],
})
