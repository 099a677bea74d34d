import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { garden, gardenEnv } from '../../../test/cli/garden-project.ts'
import { banyan, type RunOptions } from '../../../test/cli/memory-io.ts'
import type { DatabaseServer } from '../../store/server.ts'
import type { AnyContract } from '../../model/contract.ts'
import type { App } from '../../model/app.ts'
import { start, type Running } from '../../runtime/start.ts'
import { testServer } from '../../testing/database.ts'

type Sow = (input: { bed: string; plant: string }, options?: { idempotencyKey: string }) => Promise<void>
let server: DatabaseServer
let running: Running
const directory = mkdtempSync(join(tmpdir(), 'banyan-events-'))
let sow: Sow
beforeAll(async () => {
  server = await testServer()
  process.env['GARDEN'] = server.app
  const { default: app } = (await import('../../../test/cli/garden/banyan.config.ts')) as unknown as { default: App<Record<string, AnyContract>> }
  running = await start(app, { database: server.url, development: true, port: 0, directory })
  const { beds } = running.as({ subject: 'ada', roles: ['gardener'] }) as unknown as { beds: { sow: Sow } }
  sow = beds.sow
  await sow({ bed: 'south', plant: 'beans' })
  await sow({ bed: 'north', plant: 'fern' })
  await running.quiet()
})
afterAll(async () => {
  await running[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true })
})
const run = (argv: readonly string[], options: RunOptions = {}): ReturnType<typeof banyan> =>
  banyan(['events', ...argv], { cwd: garden, env: gardenEnv(server), ...options })

interface Line {
  readonly service: string
  readonly type: string
  readonly stream: string
  readonly data: unknown
  readonly meta: { readonly correlation: string; readonly actor: string; readonly by: string }
}
const json = async (...argv: string[]): Promise<readonly Line[]> => {
  const { out } = await run([...argv, '--json'])
  return out === ''
    ? []
    : out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Line)
}

describe('events', () => {
  test('of all services are merged by time', async () => {
    const { code, out, err } = await run([])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const lines = out.trimEnd().split('\n')
    expect(lines).toHaveLength(4)
    const times = lines.map((line) => line.split(' ')[0]!)
    expect(times).toEqual([...times].sort())
    expect(out).toMatch(/^\S+Z {2}beds {3}Sown {3}@\/south {2}v1 {2}ada {2}beds\.sow {9}\{"bed":"south","plant":"beans"\}$/m)
    expect(out).toMatch(/^\S+Z {2}diary {2}Noted {2}@\/south {2}v1 {2}ada {2}diary reactions {2}\{"text":"beans in south"\}$/m)
  })

  test('are filtered', async () => {
    expect((await json('diary')).map(({ service }) => service)).toEqual(['diary', 'diary'])
    expect((await json('--type', 'Sown')).map(({ type }) => type)).toEqual(['Sown', 'Sown'])
    expect((await json('--stream', '@/south')).map(({ stream }) => stream)).toEqual(['@/south', '@/south'])
    expect((await json('--limit', '1')).map(({ service }) => service)).toEqual(['diary'])
    expect(await json('--since', '10m')).toHaveLength(4)
    expect(await json('--since', '2999-01-01')).toEqual([])
    const [first] = await json()
    expect((await json('--correlation', first!.meta.correlation)).map(({ type }) => type)).toEqual(['Sown', 'Noted'])
  })

  test.each([
    [['--type', 'Sonw'], /^no event of beds, diary matches --type Sonw\ndid you mean Sown\? there are types Noted, Sown\n$/],
    [['beds', '--type', 'Reaped'], /^no event of beds matches --type Reaped\nthere are types Sown\n$/],
    [['--stream', 'bed'], /^no event of beds, diary matches --stream bed\nthere are streams @\n$/],
    [['--stream', '@/east'], /^no event of beds, diary matches --stream @\/east\n--stream @ lists every stream that begins with @\/\n$/],
    [['--since', '2999-01-01'], /^no event of beds, diary matches --since 2999-01-01T00:00:00\.000Z\nthe newest is of \d{4}-\S+Z\n$/],
    [['--correlation', 'nowhere', '--json'], /^no event of beds, diary matches --correlation nowhere\n$/],
  ])('%j lists nothing, and is told what there is', async (args, told) => {
    expect(await run(args)).toMatchObject({ code: 0, out: '', err: expect.stringMatching(told) as string })
  })

  test('stand under their causes', async () => {
    const { out } = await run(['--tree'], { width: 120, env: { ...gardenEnv(server), NO_COLOR: '1' } })
    const chains = out.split('\n\n')
    expect(chains).toHaveLength(2)
    expect(chains[0]).toMatch(/^beds\.sow {2}ada {2}\S+ {2}\S+\n└─ beds Sown .*\n {3}└─ diary Noted .* diary reactions {2}\+\d+ ms {2}\{"text/)
  })

  test('are followed, causes before effects', async () => {
    const stop = new AbortController()
    let text = ''
    const onOutput = (added: string): void => void (text += added)
    const following = run(['--follow', '--tree', '--limit', '0'], { signal: stop.signal, onOutput })
    // it is there from the first look on; sown until it is seen
    await expect
      .poll(
        async () => {
          await sow({ bed: 'west', plant: 'oats' })
          return text
        },
        { timeout: 10_000 },
      )
      .toContain('diary Noted')
    stop.abort()
    expect((await following).code).toBe(0)
    expect(text).toMatch(/^beds\.sow {2}ada .*\n\w{4} {2}└─ beds Sown .*\n/)
    expect(text).toMatch(/\n\w{4} {5}└─ diary Noted .* \+\d+ ms/)
  })

  test('of a service that does not exist are not looked for', async () => {
    expect(await run(['bedss'])).toMatchObject({ code: 2, err: expect.stringContaining("there is no service 'bedss'; did you mean 'beds'?") as string })
  })
})
