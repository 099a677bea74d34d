import { decodeJwt } from 'jose'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { gardenCopy } from '../../../test/cli/garden-project.ts'
import { banyan } from '../../../test/cli/memory-io.ts'

test('a token says who it is for, and stands alone on standard output', async () => {
  const config = join(gardenCopy(), 'banyan.config.ts')
  const { code, out, err } = await banyan(['token', 'ada', '--role', 'gardener,staff', '--tenant', 'acme', '--config', config])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(decodeJwt(out.trim())).toMatchObject({ sub: 'ada', roles: ['gardener', 'staff'], tenant: 'acme' })
})
