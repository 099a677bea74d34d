import { join } from 'node:path'
import { expect, test } from 'vitest'
import { garden } from '../../../test/cli/garden-project.ts'
import { banyan } from '../../../test/cli/memory-io.ts'

const cwd = garden

test('routes are listed with operation and access rule', async () => {
  expect(await banyan(['routes'], { cwd })).toEqual({
    code: 0,
    err: '',
    out: [
      'METHOD  PATH         OPERATION      ACCESS',
      'POST    /beds        beds.sow       role gardener',
      'DELETE  /diary       diary.burn     nobody (no access rule)',
      'GET     /diary/:bed  diary.entries  anyone',
      'GET     /wait        beds.wait      anyone',
      '',
    ].join('\n'),
  })
})

test('routes as JSON', async () => {
  const { out } = await banyan(['routes', '--json', '--config', join(garden, 'banyan.config.ts')])
  expect(JSON.parse(out)).toContainEqual({ method: 'POST', path: '/beds', operation: 'beds.sow', kind: 'command', access: 'role gardener' })
})

test('services are described', async () => {
  const { out } = await banyan(['services', 'diary'], { cwd })
  expect(out).toBe(
    [
      'diary',
      '  query      entries    GET /diary/:bed  anyone',
      '  command    burn       DELETE /diary    nobody (no access rule)',
      '  event      Noted      version 1',
      '  reacts to  beds.Sown  reactions',
      '  uses       beds',
      '  runs in    all        of topology one',
      '  runs in    back       of topology split',
      '',
    ].join('\n'),
  )
})

test('services that are asked for in a way that makes no sense are refused, also where no database is asked', async () => {
  expect(await banyan(['services', '--declared', '--topology', 'nowhere'], { cwd })).toMatchObject({
    code: 1,
    err: expect.stringContaining("no topology 'nowhere'"),
  })
  expect(await banyan(['services', '--declared', '--watch'], { cwd })).toMatchObject({ code: 2, err: expect.stringContaining('leave one out') })
})

test('services as JSON', async () => {
  const { out } = await banyan(['services', '--json'], { cwd })
  expect(JSON.parse(out)).toMatchObject([
    { name: 'beds', events: [{ name: 'Sown', version: 1 }], uses: [], units: { one: 'all', split: 'front' } },
    { name: 'diary', reactions: [{ subscription: 'reactions', event: 'beds.Sown' }], projections: [], uses: ['beds'] },
  ])
})
