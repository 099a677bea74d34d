import { expect, test } from 'vitest'
import { z } from 'zod'
import { anyone, app, contract, implement, query, start } from '../index.ts'
import { silentLog } from '../observe/log.ts'
import { testInstallation } from '../testing/installation.ts'
import { loneUnit } from './lone-unit.ts'
import { style } from './style.ts'
import { trafficTables } from './traffic-tables.ts'

const shelf = contract('shelf', { titles: query({ http: 'GET /titles', output: z.array(z.string()) }) })
const service = implement(shelf).service({
  handlers: { titles: () => ['Ulysses'] },
  policies: { titles: { access: anyone(), limit: { rate: '1/h', per: 'ip' } } },
})
const library = app('library', { services: { shelf: async () => ({ default: service }) }, http: { accessLog: 'json' } })

test('a unit that is in no registry is asked where it listens, and tells what it is asked', async () => {
  await using installation = await testInstallation()
  const lines: string[] = []
  await using running = await start(library, { ...installation.options, development: true, log: silentLog, accessLines: { write: (line) => lines.push(line) } })
  for (const status of [200, 429]) expect((await fetch(`${running.url}/titles`)).status).toBe(status)
  await expect.poll(() => lines.length).toBe(2)
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { operation: 'shelf.titles', status: 200, bytes: 11 },
    { operation: 'shelf.titles', status: 429, refused: 'limit' },
  ])

  const { name, directory } = installation.options
  await using lone = await loneUnit({ name, directory }, 'all', 3000, { env: { BANYAN_URL: running.url } })
  const units = await lone.read()
  expect(units.get('all')).toMatchObject([
    { unit: 'all', url: running.url, status: { state: 'ready', operations: { 'shelf.titles': { refused: { limit: 1 } } } } },
  ])
  expect(trafficTables(units, style(false))).toMatch(/shelf\.titles +[\d.]+ +50 % .* 1\n$/)
})
