import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { app, command, contract, event, implement, postgres, query, start } from '../../src/index.ts'
import { createLog } from '../../src/observe/log.ts'
import { testInstallation, type TestInstallation } from '../../src/testing/installation.ts'

const Side = z.enum(['heads', 'tails'])
const mint = contract('mint', {
  toss: command({ input: z.object({ coin: z.string(), first: Side }) }),
  sums: query({ output: z.record(z.string(), z.int()) }),
  Tossed: event(z.object({ first: Side })),
})
const parts = implement(mint, { store: postgres({ migrations: import.meta.resolve('./sums') }) })
const add = 'update sum set amount = amount + 1 where name = $1'
const service = parts.service({
  handlers: {
    toss: ({ coin, first }, { transact }) => transact((tx) => tx.emit(mint.Tossed({ first }), { key: coin })),
    sums: async (_input, { query: sql }) =>
      Object.fromEntries((await sql<{ name: string; amount: number }>('select name, amount from sum')).map(({ name, amount }) => [name, amount])),
  },
  projections: [
    parts.projection('sum', { version: 1 }, (on) => [
      // every event changes both rows, in one order or in the other
      on(mint.Tossed, async ({ first }, { query: sql }) => {
        await sql(add, [first])
        await sql(add, [first === 'heads' ? 'tails' : 'heads'])
      }),
    ]),
  ],
})

let installation: TestInstallation
let replicas: Awaited<ReturnType<typeof open>>[]
const troubles: string[] = []
const open = () =>
  start(app('mint', { services: { mint: async () => ({ default: service }) } }), {
    ...installation.options,
    log: createLog({ level: 'warn', destination: { write: (line) => void troubles.push(line) } }),
  })

beforeAll(async () => {
  installation = await testInstallation()
  replicas = [await open(), await open()]
})
afterAll(async () => {
  await Promise.all(replicas.map((replica) => replica[Symbol.asyncDispose]()))
  await installation[Symbol.asyncDispose]()
})

test('sums that events of all keys change are added up without a deadlock, though replicas share the work', async () => {
  const tosses = Array.from({ length: 400 }, (_, index) => ({ coin: `coin ${index}`, first: index % 2 === 0 ? ('heads' as const) : ('tails' as const) }))
  await Promise.all(tosses.map((toss, index) => replicas[index % 2]!.call.mint.toss(toss)))
  await Promise.all(replicas.map((replica) => replica.quiet()))
  expect(await replicas[0]!.call.mint.sums()).toEqual({ heads: 400, tails: 400 })
  expect(troubles).toEqual([])
})
