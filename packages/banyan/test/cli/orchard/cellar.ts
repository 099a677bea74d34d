import { implement, postgres } from 'banyan'
import { cellar, trees } from './contracts.ts'

const { projection, service } = implement(cellar, { uses: { trees }, store: postgres({ migrations: import.meta.resolve('./migrations') }) })

/** What each tree has given, and how high one had to climb for it. */
const yields = projection('yields', { version: 1 }, (on) => [
  on(cellar.Picked, ({ tree, apples }, { query }) =>
    query('insert into yields (tree, apples) values ($1, $2) on conflict (tree) do update set apples = yields.apples + excluded.apples', [tree, apples]),
  ),
  on(trees.Grown, ({ tree, height }, { query }) =>
    query('insert into yields (tree, height) values ($1, $2) on conflict (tree) do update set height = excluded.height', [tree, height]),
  ),
])

export default service({
  handlers: { pick: (picked, { transact }) => transact((tx) => tx.emit(cellar.Picked(picked), { key: picked.tree })) },
  projections: [yields],
})
