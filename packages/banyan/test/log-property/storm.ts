import { expect } from 'vitest'
import type { Sql } from '../../src/store/sql.ts'
import type { Choices } from './choices.ts'
import type { Fleet } from './fleet.ts'

/** Something that goes wrong, when writers have been answered `after` times. */
export interface Strike {
  readonly after: number
  strike(fleet: Fleet, sql: Sql): Promise<void>
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
      return (fleet, sql) => pausePastItsLeases(slot, fleet, sql)
    case 'sever':
      return severWithinCommit
    case 'terminate':
      return (_, sql) => terminateBackends(choices, sql)
  }
}

/** Has about half of the connections broken by the server, whatever they are at. */
async function terminateBackends(choices: Choices, sql: Sql): Promise<void> {
  const { rows } = await sql.query<{ pid: number }>('select pid from pg_stat_activity where usename = current_user order by pid')
  const chosen = rows.map(({ pid }) => pid).filter(() => choices.chance(0.5))
  await sql.query('select pg_terminate_backend(pid, 10000) from unnest($1::integer[]) pid where pid <> pg_backend_pid()', [chosen])
}

/** Cuts all processes off while some COMMIT takes its time: the server ends it, and its client never hears of it. */
async function severWithinCommit(fleet: Fleet, sql: Sql): Promise<void> {
  const committing = /* sql */ `
    select from pg_stat_activity where usename = current_user and query = 'commit' and wait_event = 'PgSleep' and query_start < clock_timestamp() - interval '20 ms'`
  await expect.poll(async () => (await sql.query(committing)).rowCount, { interval: 5 }).not.toBe(0)
  fleet.sever()
}

/** Lets a process sleep until others own some of what it owned, then wake up as if nothing had happened. */
async function pausePastItsLeases(slot: number, fleet: Fleet, sql: Sql): Promise<void> {
  const owned = async () => {
    const { rows } = await sql.query<{ count: number }>('select count(*)::integer as count from banyan_subscriptions where owner = $1', [fleet.ownerOf(slot)])
    return rows[0]!.count
  }
  // far more than it can have locked, which nobody takes over
  await expect.poll(owned).toBeGreaterThan(30)
  await fleet.pause(slot, async () => {
    const before = await owned()
    await expect.poll(owned, { interval: 10 }).toBeLessThan(Math.max(before, 1))
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
