import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { garden, gardenEnv } from '../../test/cli/garden-project.ts'
import { banyan } from '../../test/cli/memory-io.ts'
import type { App } from '../model/app.ts'
import type { AnyContract } from '../model/contract.ts'
import { silentLog } from '../observe/log.ts'
import { start } from '../runtime/start.ts'
import type { Standing } from '../runtime/standing.ts'
import type { DatabaseServer } from '../store/server.ts'
import { testServer } from '../testing/database.ts'
import { style } from './style.ts'
import { standingRows } from './standing.ts'

let server: DatabaseServer
beforeAll(async () => {
  server = await testServer()
  process.env['GARDEN'] = server.app
})
afterAll(() => server[Symbol.asyncDispose]())

const services = (...argv: string[]): ReturnType<typeof banyan> => banyan(['services', ...argv], { cwd: garden, env: gardenEnv(server) })
const follows = async (): Promise<string> => /^ {2}follows .*/m.exec((await services('diary')).out)![0]
/** Without what the machine has to do with it. */
const plain = (line: string): string => line.replaceAll(/ +/g, ' ').replace(/\d+ (ms|s)/, 'a while')

describe('how far a service is', () => {
  test('is told of one that never ran, of one that runs, and of what is parked', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'banyan-standing-'))
    const { default: app } = (await import('../../test/cli/garden/banyan.config.ts')) as unknown as { default: App<Record<string, AnyContract>> }
    const options = { database: server.url, development: true, port: 0, directory, log: silentLog } as const
    expect((await banyan(['migrate'], { cwd: garden, env: gardenEnv(server) })).code).toBe(0)
    {
      await using front = await start(app, {
        ...options,
        topology: 'split',
        unit: 'front',
        addresses: { back: 'http://127.0.0.1:1' },
        secret: gardenEnv(server)['BANYAN_SECRET']!,
      })
      const { beds } = front.as({ subject: 'ada', roles: ['gardener'] }) as unknown as Garden
      await beds.sow({ bed: 'south', plant: 'beans' })
      await beds.sow({ bed: 'north', plant: 'nettle' })
      expect(plain(await follows())).toBe(' follows reactions of beds 2 behind, the oldest by a while never ran')
      expect(JSON.parse((await services('diary', '--json')).out)).toMatchObject([
        {
          name: 'diary',
          standing: { subscriptions: [{ subscription: 'reactions', source: 'beds', kind: 'reactions', events: 2, started: false }], sends: { waiting: 0 } },
        },
      ])
    }
    await using running = await start(app, options)
    await running.quiet()
    expect(plain(await follows())).toMatch(/^ follows reactions of beds up to date 64 partitions at \S+:\d+$/)
    expect((await services('diary')).out).toMatch(/^ {2}parked +1 key +1 event for an operator: @\/north: nobody writes about nettles$/m)
    rmSync(directory, { recursive: true, force: true })
  })

  test('is left out where only the code is asked, and where no database tells', async () => {
    expect((await services('diary', '--declared')).out).not.toContain('follows')
    const nowhere = { ...gardenEnv(server), DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' }
    const { code, out, err } = await banyan(['services', 'diary'], { cwd: garden, env: nowhere })
    expect({ code, err }).toEqual({ code: 0, err: expect.stringMatching(/^how far the services are cannot be read: the database cannot be reached/) as string })
    expect(out).toContain('reacts to')
  })
})

test('what fails stands below what it belongs to', () => {
  const error = { message: 'away' }
  const standing: Standing = {
    subscriptions: [
      {
        kind: 'projection',
        subscription: 'totals@2',
        source: 'orders',
        incarnation: 'a',
        owners: [{ owner: 'here:1/0192', partitions: 60 }],
        ownerless: 4,
        failing: [{ partition: 7, position: 9, stream: 'order/1', attempts: 3, error }],
        parked: { keys: 0, events: 0, first: undefined },
        events: 10_001,
        oldestMs: 7_300_000,
        started: true,
        rewound: true,
      },
    ],
    sends: {
      waiting: 1_200,
      oldestMs: 61_000,
      failing: [{ operation: 'payments.charge', count: 3, attempts: 4, error }],
      dead: [{ operation: 'payments.refund', count: 1, attempts: 9, error }],
    },
  }
  expect(standingRows(standing, style(false))).toEqual([
    ['follows', 'totals@2 of orders', 'more than 10,000 behind, the oldest by 2 h  60 partitions at here:1, 4 partitions at nobody'],
    ['failing', 'orders', 'its log was restored or replaced since: log_rewound'],
    ['failing', 'order/1', 'partition 7 is held up after 3 attempts: away'],
    ['sends', '1,200 waiting', 'the oldest for 1 min'],
    ['failing', 'payments.charge', '3 after 4 attempts: away'],
    ['dead', 'payments.refund', '1 after 9 attempts: away'],
  ])
})

interface Garden {
  readonly beds: { sow(input: { bed: string; plant: string }): Promise<void> }
}
