import { expect, test } from 'vitest'
import { garden } from '../../../test/cli/garden-project.ts'
import { banyan } from '../../../test/cli/memory-io.ts'

const cwd = garden

test('operations are listed with their rules, also those without a route', async () => {
  const { code, out } = await banyan(['access', '--as', 'gardener'], { cwd })
  expect(code).toBe(0)
  expect(out).toMatch(/^OPERATION +ROUTE +RULE +MAY +KEPT BACK$/m)
  expect(out).toMatch(/^beds\.sow +POST \/beds +role gardener +passes$/m)
  expect(out).toMatch(/^diary\.burn +DELETE \/diary +nobody \(no access rule\) +fails$/m)
})

test('one operation is taken apart', async () => {
  const { out } = await banyan(['access', 'beds.sow', '--as', 'cook'], { cwd })
  expect(out).toMatch(/^beds\.sow\n {2}route {2}POST \/beds\n {2}rule {3}role gardener\n\n {2}role gardener {2}fails\n$/)
})

test('as JSON', async () => {
  const { out } = await banyan(['access', 'beds.sow', '--anonymous', '--json'], { cwd })
  expect(JSON.parse(out)).toEqual({
    operation: 'beds.sow',
    kind: 'command',
    http: 'POST /beds',
    access: 'role gardener',
    redact: {},
    why: { rule: 'role gardener', verdict: 'fails' },
  })
})

test('who is asked for is one person, and the operation is one', async () => {
  expect((await banyan(['access', 'beds.sew'], { cwd })).err).toContain("there is no operation 'beds.sew'; did you mean 'beds.sow'?")
  expect((await banyan(['access', '--anonymous', '--as', 'cook'], { cwd })).err).toContain('--anonymous is somebody without a token')
  expect((await banyan(['access', '--claim', 'mfa'], { cwd })).err).toContain("--claim takes NAME=VALUE, several with commas between them, and not 'mfa'")
  expect(await banyan(['access', '--as', ','], { cwd })).toMatchObject({ code: 2, err: expect.stringContaining('--as names one or more') })
  expect((await banyan(['access', 'beds.sow', '--as', 'cook, gardener'], { cwd })).out).toMatch(/role gardener {2}passes/)
})
