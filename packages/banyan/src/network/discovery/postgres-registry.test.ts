import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { instanceOf, registryContract, watched } from '../../../test/discovery/registry-contract.ts'
import { systemClock } from '../../kernel/clock.ts'
import type { DatabaseServer } from '../../store/server.ts'
import type { Sql } from '../../store/sql.ts'
import { testServer } from '../../testing/database.ts'
import { postgresRegistry } from './postgres-registry.ts'

let server: DatabaseServer

beforeAll(async () => {
  server = await testServer()
})
afterAll(() => server[Symbol.asyncDispose]())

describe('the contract', () => {
  registryContract(async () => ({
    join: (leaseMs, clock) => postgresRegistry({ app: server.app, sql: server.admin, leaseMs, lookMs: 20, clock }),
    [Symbol.asyncDispose]: async () => {},
  }))
})

test('what an instance reports travels with its renewals', async () => {
  await using registry = postgresRegistry({ app: server.app, sql: server.admin, leaseMs: 300, lookMs: 20 })
  const announcement = await registry.announce(instanceOf('busy', 3000))
  announcement.report(0.75)
  using seen = watched(registry, 'busy')
  await vi.waitFor(() => expect(seen.lists.at(-1)?.[0]?.load).toBe(0.75), { timeout: 60_000 })
})

test('while the database is away what was known stays in use, which is said once, and so is its return', async () => {
  let away = false
  let refused = 0
  const sql: Sql = {
    query: (text, values) => {
      if (!away) return server.admin.query(text, values)
      refused++
      return Promise.reject(new Error('connection refused'))
    },
  }
  const lines: string[] = []
  const say = (message: string) => void lines.push(message)
  const log = { debug: say, info: say, warn: say, error: say }
  await using registry = postgresRegistry({ app: server.app, sql, leaseMs: 300, lookMs: 10, clock: systemClock, log })
  await using others = postgresRegistry({ app: server.app, sql: server.admin, leaseMs: 300 })
  const said = instanceOf('kept', 3000)
  const crashed = await others.announce(said)
  using seen = watched(registry, 'kept')
  await expect.poll(() => seen.ids()).toEqual([said.id])
  away = true
  await crashed[Symbol.asyncDispose]()
  await vi.waitFor(() => expect(refused).toBeGreaterThan(20), { timeout: 60_000 })
  expect(seen.lists).toHaveLength(1)
  expect(lines).toHaveLength(1)
  away = false
  await vi.waitFor(() => expect(seen.ids()).toEqual([]), { timeout: 60_000 })
  expect(lines).toEqual([expect.stringContaining('cannot be asked'), expect.stringContaining('answers again')])
})

test('a look that finds the list as it was carries no rows', async () => {
  const rows: number[] = []
  const sql: Sql = {
    query: async (text, values) => {
      const answer = await server.admin.query(text, values)
      if (text.includes('living')) rows.push(answer.rows.filter((row: { id?: unknown }) => row.id).length)
      return answer
    },
  }
  await using registry = postgresRegistry({ app: server.app, sql, lookMs: 10 })
  await registry.announce(instanceOf('same', 3000))
  using _seen = watched(registry, 'same')
  await expect.poll(() => rows.length).toBeGreaterThan(4)
  expect(rows.slice(0, 4)).toEqual([1, 0, 0, 0])
})

test('processes that begin together make the table once', async () => {
  await using fresh = await testServer()
  const registries = Array.from({ length: 8 }, () => postgresRegistry({ app: fresh.app, sql: fresh.admin, lookMs: 20 }))
  await Promise.all(registries.map((registry, nth) => registry.announce(instanceOf('orders', 3000 + nth))))
  using seen = watched(registries[0]!, 'orders')
  await expect.poll(() => seen.ids()).toHaveLength(8)
  await Promise.all(registries.map((registry) => registry[Symbol.asyncDispose]()))
  expect((await fresh.admin.query(`select 1 from "${fresh.app}__registry".instance`)).rows).toEqual([])
})

test('a lease that ended while its process could not renew it is taken again', async () => {
  let away = false
  const sql: Sql = { query: (text, values) => (away ? Promise.reject(new Error('connection refused')) : server.admin.query(text, values)) }
  await using registry = postgresRegistry({ app: server.app, sql, leaseMs: 150 })
  await using others = postgresRegistry({ app: server.app, sql: server.admin, lookMs: 20 })
  const said = instanceOf('lapsed', 3000)
  await registry.announce(said)
  using seen = watched(others, 'lapsed')
  await expect.poll(() => seen.ids()).toEqual([said.id])
  away = true
  await vi.waitFor(() => expect(seen.ids()).toEqual([]), { timeout: 60_000 })
  away = false
  await vi.waitFor(() => expect(seen.ids()).toEqual([said.id]), { timeout: 60_000 })
})

test('a clock of a process that is set an hour on or back changes nothing', async () => {
  let renewals = 0
  const sql: Sql = {
    query: (text, values) => {
      if (text.includes('insert into')) renewals++
      return server.admin.query(text, values)
    },
  }
  await using registry = postgresRegistry({ app: server.app, sql, leaseMs: 600, lookMs: 20 })
  const said = instanceOf('stepped', 3000)
  await registry.announce(said)
  using seen = watched(registry, 'stepped')
  await expect.poll(() => seen.ids()).toEqual([said.id])
  const now = Date.now
  try {
    for (const hours of [1, -1]) {
      vi.spyOn(Date, 'now').mockImplementation(() => now() + hours * 3_600_000)
      const before = renewals
      await expect.poll(() => renewals).toBeGreaterThan(before + 2)
    }
  } finally {
    vi.restoreAllMocks()
  }
  expect(seen.lists).toEqual([[said]])
})
