import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { aggregate, anyone, app, command, contract, events, implement, query, topology } from '../../src/index.ts'

const Answer = z.object({ by: z.string() })

/** At the end of the line: answers by itself, and counts what it is told to. */
export const last = contract('last', {
  ask: query({ input: z.object({}), output: Answer }),
  add: command({ input: z.object({}), output: Answer }),
  total: query({ input: z.object({}), output: z.int() }),
})
/** Passes on what it is asked. */
export const middle = contract('middle', { ask: query({ input: z.object({}), output: Answer }), add: command({ input: z.object({}), output: Answer }) })
/** Where requests come in. */
export const first = contract('first', { ask: query({ input: z.object({}), output: Answer }) })

/** What this process does and has done: handlers that were run, and how long each is to wait. */
export const conduct = { name: 'unnamed', waitMs: 0, handled: 0 }

const { Added } = events({ Added: z.object({}) })
const tally = aggregate('tally', { events: { Added }, initial: 0, evolve: { Added: (count) => count + 1 }, decide: { add: () => Added({}) } })

const lastService = implement(last).service({
  handlers: {
    ask: async () => {
      conduct.handled++
      if (conduct.waitMs > 0) await wait(conduct.waitMs)
      return { by: conduct.name }
    },
    add: (_input, { transact }) => {
      conduct.handled++
      const alone = conduct.handled % 2 === 0
      return transact(async (tx) => {
        // what uses SQL commits on a connection of its own, what does not commits together with others
        if (alone) await tx.query('select 1')
        await tx.decide(tally, 'all').add()
        return { by: conduct.name }
      })
    },
    total: async (_input, { load }) => (await load(tally, 'all')).state,
  },
  policies: { ask: { access: anyone() }, add: { access: anyone() } },
})
const middleService = implement(middle, { uses: { last } }).service({
  handlers: {
    ask: (_input, { call }) => {
      conduct.handled++
      return call.last.ask({})
    },
    add: (_input, { call }) => call.last.add({}),
  },
  policies: { ask: { access: anyone() }, add: { access: anyone() } },
})
const firstService = implement(first, { uses: { middle } }).service({ handlers: { ask: (_input, { call }) => call.middle.ask({}) } })

/** Three units in a line: first → middle → last. */
export default app('relay', {
  services: {
    first: async () => ({ default: firstService }),
    middle: async () => ({ default: middleService }),
    last: async () => ({ default: lastService }),
  },
  topologies: { line: topology({ units: { first: ['first'], middle: ['middle'], last: ['last'] } }) },
})
