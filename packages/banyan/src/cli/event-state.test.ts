import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runningOrchard, type Orchard } from '../../test/cli/running-orchard.ts'

let orchard: Orchard
let times: readonly string[]
beforeAll(async () => {
  orchard = await runningOrchard()
  const { trees, cellar } = orchard.call
  await trees.plant({ tree: 'old-8f3e', kind: 'apple' })
  for (let year = 0; year < 3; year++) await trees.grow({ tree: 'old-8f3e', by: 30 })
  await trees.plant({ tree: 'young-8f3e', kind: 'pear' })
  await trees.prune({ shears: 'red' })
  await cellar.pick({ tree: 'old-8f3e', apples: 3 })
  await orchard.running.quiet()
  const { out } = await orchard.run(['events', '--stream', 'tree/old-8f3e', '--json'])
  times = lines(out).map((line) => (JSON.parse(line) as { at: string }).at)
})
afterAll(() => orchard[Symbol.asyncDispose]())

const events = (...argv: string[]): ReturnType<Orchard['run']> => orchard.run(['events', ...argv])
const lines = (text: string): string[] => text.trimEnd().split('\n')
const misuse = async (...argv: string[]): Promise<string> => {
  const { code, err } = await events(...argv)
  expect(code).toBe(2)
  return err
}

describe('a stream in the past', () => {
  test('is shown with its events up to then and the state they led to', async () => {
    const { code, out } = await events('--stream', 'tree/old-8f3e', '--version', '2')
    expect(code).toBe(0)
    expect(out).toMatch(
      /Planted {2}tree\/old-8f3e {2}v1 .*\n.*Grew {5}tree\/old-8f3e {2}v2 .*\n\ntree\/old-8f3e {2}version 2 {2}trees\n\{ kind: 'apple', height: 30 \}\n$/,
    )
  })

  test('is what it was at a time, as listed; before the first event it is nothing', async () => {
    const at = async (time: string): Promise<unknown> => JSON.parse((await events('--stream', 'tree/old-8f3e', '--at', time, '--json')).out)
    expect(await at(times[3]!)).toMatchObject({
      service: 'trees',
      version: 4,
      state: { kind: 'apple', height: 90 },
      events: [{ version: 1 }, {}, {}, { version: 4 }],
    })
    expect(await at('1d')).toEqual({ service: 'trees', stream: 'tree/old-8f3e', version: 0, state: { kind: 'none', height: 0 }, events: [] })
    expect((await events('--stream', 'tree/old-8f3e', '--at', '1h ago')).out).toBe("tree/old-8f3e  had no event yet  trees\n{ kind: 'none', height: 0 }\n")
  })

  test('may be named by its end, and shows as many events as asked for', async () => {
    const { out } = await events('--stream', 'tree/…d-8f3e', '--version', '3', '--limit', '1')
    expect(lines(out).map((line) => /v\d|version \d|height: \d+/.exec(line)?.[0])).toEqual(['v3', undefined, 'version 3', 'height: 60'])
  })

  test('has no state where nothing leads to its aggregate, or where there is none', async () => {
    expect((await events('--stream', 'shears/red', '--version', '1')).out).toMatch(
      /Pruned .*\n\nshears\/red {2}version 1 {2}trees\nits state is not shown: nothing that trees publishes, projects or reacts to leads to an aggregate 'shears'\n$/,
    )
    expect((await events('--stream', '@/old-8f3e', '--version', '1')).out).toContain('there are events and no state')
    expect(JSON.parse((await events('--stream', 'shears/red', '--version', '1', '--json')).out)).not.toHaveProperty('state')
  })

  test('that is not there, or not the only one of its name, is said so', async () => {
    expect(await misuse('--stream', 'tree/none', '--at', '1s')).toMatch(/no log of trees, cellar has a stream tree\/none; `banyan events --stream tree` lists/)
    expect(await misuse('--stream', 'tree/…8f3e', '--at', '1s')).toContain('tree/…8f3e may be tree/old-8f3e of trees or tree/young-8f3e of trees')
    expect(await events('--stream', 'tree/old-8f3e', '--version', '9')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^error stream_not_found: The stream tree\/old-8f3e has 4 events, and its state at version 9/) as string,
    })
  })
})

test('all events up to a time, newest last', async () => {
  const { out } = await events('--at', times[2]!, '--limit', '2', '--json')
  expect(lines(out).map((line) => (JSON.parse(line) as { version: number }).version)).toEqual([2, 3])
  expect((await events('--at', '1d')).out).toBe('')
})

test('a past that cannot be meant is refused', async () => {
  expect(await misuse('--at', 'soon')).toContain("--at is a time such as 10m, '2h ago'")
  expect(await misuse('--at', '2999-01-01')).toContain('what will be is in no log')
  expect(await misuse('--at', '1m', '--follow')).toContain('--follow is about what happens')
  expect(await misuse('--version', '1')).toContain('--version is that of one stream')
  expect(await misuse('--version', '1', '--stream', 'tree')).toContain('--version is that of one stream')
  expect(await misuse('--version', '1', '--stream', 'tree/old-8f3e', '--at', '1m')).toContain('leave one out')
})
