import { aggregate, events, from, implement } from 'banyan'
import { z } from 'zod'
import { trees } from './contracts.ts'

const { Planted, Grew } = events({ Planted: z.object({ kind: z.string() }), Grew: z.object({ height: z.number() }) })
const { Pruned } = events({ Pruned: z.object({}) })

const tree = aggregate('tree', {
  events: { Planted, Grew },
  initial: { kind: 'none', height: 0 },
  evolve: { Planted: (state, { kind }) => ({ ...state, kind }), Grew: (state, { height }) => ({ ...state, height }) },
  decide: {
    plant: (_state, { kind }: { kind: string }) => Planted({ kind }),
    grow: (state, { by }: { by: number }) => Grew({ height: state.height + by }),
  },
})
/** Nothing that is published, projected or reacted to leads to it. */
const shears = aggregate('shears', {
  events: { Pruned },
  initial: 0,
  evolve: { Pruned: (cuts) => cuts + 1 },
  decide: { prune: () => Pruned({}) },
})

export default implement(trees).service({
  handlers: {
    plant: ({ tree: id, kind }, { transact }) => transact((tx) => tx.decide(tree, id).plant({ kind })),
    grow: ({ tree: id, by }, { transact }) => transact((tx) => tx.decide(tree, id).grow({ by })),
    prune: ({ shears: id }, { transact }) => transact((tx) => tx.decide(shears, id).prune()),
    visit: (visit, { transact }) => transact((tx) => tx.emit(trees.Visited(visit), { key: visit.tree })),
  },
  publishes: { Grown: from(tree, 'Grew', ({ height }, { id }) => ({ tree: id, height })) },
})
