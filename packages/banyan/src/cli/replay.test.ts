import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newEvent } from '../../test/events/log-database.ts'
import { runningOrchard, type Orchard } from '../../test/cli/running-orchard.ts'
import { commitUnits } from '../events/commit.ts'
import type { ServiceDatabase } from '../store/service-database.ts'

let orchard: Orchard
let cellar: ServiceDatabase
beforeAll(async () => {
  orchard = await runningOrchard()
  cellar = orchard.server.open('cellar', { connections: 2 })
  const { trees, cellar: calls } = orchard.call
  for (const tree of ['old', 'young', 'wild']) {
    await trees.grow({ tree, by: 30 })
    await calls.pick({ tree, apples: 4 })
  }
  await trees.grow({ tree: 'old', by: 30 })
  await orchard.running.quiet()
})
afterAll(() => orchard[Symbol.asyncDispose]())

const replay = (...argv: string[]): ReturnType<Orchard['run']> => orchard.run(['events', '--replay', ...argv])
const schemas = async (): Promise<number> =>
  (await orchard.server.admin.query(`select from pg_namespace where nspname like $1 || '%replay%'`, [orchard.server.app])).rowCount!
const append = async (apples: number): Promise<void> => {
  const event = { ...newEvent('Picked'), data: JSON.stringify({ tree: 'old', apples }) }
  await commitUnits(cellar.pool, [{ tenant: '', streams: [{ stream: '@/old', expected: 'any', events: [event] }], sends: [] }])
}

describe('a replay', () => {
  test('of all events gives what the live tables have, and leaves nothing behind', async () => {
    const { code, out, err } = await replay('yields')
    expect(out).toMatch(/^yields@1 of cellar: 7 events in \d+\.\d s, [\d,]+ a second\nTABLE {3}LIVE {2}REPLAYED\nyields {2}3 {5}3 {9}the same\n$/)
    expect({ code, err }).toEqual({ code: 0, err: expect.stringMatching(/^replaying yields@1 of cellar into schema \w+_cellar_replay_\w{6}\n$/) as string })
    expect(await schemas()).toBe(0)
  })

  test('tells rows that are not the same, each with the columns that differ, and ends with 1', async () => {
    await cellar.pool.query(`update yields set apples = 5 where tree = 'young'`)
    await cellar.pool.query(`delete from yields where tree = 'wild'`)
    const { code, out } = await replay('yields@1')
    expect(code).toBe(1)
    expect(out).toMatch(/^yields {2}2 {5}3 {9}2 rows not the same$/m)
    expect(out).toContain('  yields  tree "young"  live {"apples":5}  replayed {"apples":4}\n')
    expect(out).toContain('  yields  tree "wild"  live no row  replayed {"tree":"wild","apples":4,"height":30}\n')
    await cellar.pool.query(`update yields set apples = 4 where tree = 'young'; insert into yields (tree, apples, height) values ('wild', 4, 30)`)
    expect((await replay('yields')).code).toBe(0)
  })

  test('up to a time is not compared with tables that have more, and can be kept', async () => {
    const { out } = await orchard.run(['events', 'cellar', '--json'])
    const { at } = JSON.parse(out.split('\n')[0]!) as { at: string }
    const before = JSON.parse((await replay('yields', '--at', at, '--keep', '--json')).out) as Kept
    expect(before).toMatchObject({
      service: 'cellar',
      projection: 'yields@1',
      events: 2,
      incomparable: expect.stringMatching(/^the live tables are of now, with 5 events after /) as string,
    })
    expect((await orchard.server.admin.query(`select tree, apples, height from "${before.kept.schema}".yields`)).rows).toEqual([
      { tree: 'old', apples: 4, height: 30 },
    ])
    await orchard.server.admin.query(before.kept.removal)
    expect(await schemas()).toBe(0)
    expect((await replay('yields', '--at', '0s')).out).toContain('the same')
  })

  test('leaves out what is parked, goes beyond what the live tables have, and names an event that fails', async () => {
    await append(3_000_000_000)
    await expect.poll(async () => (await cellar.pool.query('select from banyan_parked')).rowCount).toBe(1)
    expect((await replay('yields')).out).toMatch(/the same\nleft out: 1 event parked in the live projection\n$/)
    await orchard.running[Symbol.asyncDispose]()
    await append(1)
    const { code, out } = await replay('yields')
    expect(out).toMatch(/the same\nreplayed and not compared: 1 event that the live tables do not have yet\nleft out: 1 event parked in the live projection\n$/)
    expect(code).toBe(0)
    await cellar.pool.query('delete from banyan_parked')
    expect(await replay('yields')).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        /\nerror invalid_event: the projection fails at Picked \S+ \(@\/old version 2\): value "3000000000" is out of range/,
      ) as string,
    })
    expect(await schemas()).toBe(0)
  })

  test('of what cannot be meant is refused', async () => {
    const misuse = async (...argv: string[]): Promise<string> => {
      const { code, err } = await orchard.run(['events', ...argv])
      expect(code).toBe(2)
      return err
    }
    expect(await misuse('--replay', 'yield')).toContain("there is no projection 'yield'; did you mean 'yields'?")
    expect(await misuse('trees', '--replay', 'yields')).toContain("there is no projection 'yields'; there are none")
    expect(await misuse('--replay', 'yields', '--type', 'Picked')).toContain('--type chooses among events')
    expect(await misuse('--keep')).toContain('--keep is about the schema of --replay')
  })
})

interface Kept {
  readonly kept: { readonly schema: string; readonly removal: string }
}
