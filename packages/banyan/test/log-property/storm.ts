import { expect, vi } from 'vitest'
import type { TestDatabase } from '../../src/testing/database.ts'
import type { Choices } from './choices.ts'
import type { Fleet } from './fleet.ts'

/** Something that goes wrong, when writers have been answered `after` times. */
export interface Strike {
  readonly after: number
  strike(fleet: Fleet, database: TestDatabase): Promise<void>
}

type Kind = 'kill' | 'pause' | 'sever' | 'terminate'
const kinds: readonly Kind[] = ['kill', 'kill', 'kill', 'pause', 'pause', 'sever', 'sever', 'terminate', 'terminate']

/** What goes wrong while `answers` are given: always the same things, in an order and at moments of their own. */
export function storm(choices: Choices, answers: number, members: number): readonly Strike[] {
  const moments = kinds.map(() => choices.below(answers)).sort((a, b) => a - b)
  return choices.shuffled(kinds).map((kind, index) => ({ after: moments[index]!, strike: strikeOf(kind, choices, members) }))
}

function strikeOf(kind: Kind, choices: Choices, members: number): Strike['strike'] {
  const slot = choices.below(members)
  switch (kind) {
    case 'kill':
      return (fleet) => fleet.kill(slot)
    case 'pause':
      return (fleet, database) => pausePastItsLeases(slot, fleet, database)
    case 'sever':
      return async (fleet) => fleet.sever(slot)
    case 'terminate':
      return (_, database) => terminateBackends(choices, database)
  }
}

/** Breaks about half of the connections to the service's database, whatever they are at. */
async function terminateBackends(choices: Choices, { server, database }: TestDatabase): Promise<void> {
  const { rows } = await server.admin.query<{ pid: number }>('select pid from pg_stat_activity where usename = $1 order by pid', [database.pool.options.user])
  const chosen = rows.map(({ pid }) => pid).filter(() => choices.chance(0.5))
  await server.admin.query('select pg_terminate_backend(pid, 10000) from unnest($1::integer[]) pid', [chosen])
  // one of them may have been ours
  await vi.waitFor(() => database.pool.query('select'), { timeout: 10_000 })
}

/** Lets a process sleep until others own some of what it owned, then wake up as if nothing had happened. */
async function pausePastItsLeases(slot: number, fleet: Fleet, { database }: TestDatabase): Promise<void> {
  const owner = fleet.ownerOf(slot)
  const owned = async () => {
    const { rows } = await database.pool.query<{ count: number }>('select count(*)::integer as count from banyan_subscriptions where owner = $1', [owner])
    return rows[0]!.count
  }
  await expect.poll(owned, { timeout: 30_000 }).toBeGreaterThan(0)
  await fleet.pause(slot, async () => {
    const before = await owned()
    await expect.poll(owned, { timeout: 30_000, interval: 10 }).toBeLessThan(before)
  })
}

/** Where some processes die by themselves: the worst moments there are. */
export function crashes(choices: Choices): readonly string[] {
  const points = ['commit.before', 'commit.sent', 'commit.after', 'checkpoint.before', 'lease.taken']
  return choices
    .shuffled(points)
    .slice(0, 3)
    .map((point) => `${point}:${1 + choices.below(point.startsWith('commit') ? 200 : 20)}`)
}
