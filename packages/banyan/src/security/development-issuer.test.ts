import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { developmentIssuer } from './development-issuer.ts'
import { jwtVerifier } from './tokens.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'banyan-issuer-'))
})
afterEach(() => rm(directory, { recursive: true }))

const names = { issuer: 'http://127.0.0.1/dev', audience: 'shop' }

test('its tokens verify with its key set, which holds no private key', async () => {
  const issuer = await developmentIssuer({ directory, ...names })
  const verify = jwtVerifier({ ...names, jwks: issuer.jwks })
  const token = await issuer.issue({ subject: 'u1', roles: ['customer'], tenant: 't1' })
  expect(await verify(token)).toMatchObject({ subject: 'u1', roles: ['customer'], tenant: 't1' })
  expect(issuer.jwks.keys[0]).not.toHaveProperty('d')
})

test('the key outlives a restart and is for its owner only', async () => {
  const first = await developmentIssuer({ directory, ...names })
  const again = await developmentIssuer({ directory, ...names })
  expect(again.jwks).toEqual(first.jwks)
  expect((await stat(join(directory, 'development-issuer.jwk.json'))).mode & 0o777).toBe(0o600)
})

test('those that start at once have the same key', async () => {
  const issuers = await Promise.all(Array.from({ length: 8 }, () => developmentIssuer({ directory: join(directory, 'new'), ...names })))
  expect(new Set(issuers.map(({ jwks }) => JSON.stringify(jwks))).size).toBe(1)
  expect(await readdir(join(directory, 'new'))).toEqual(['development-issuer.jwk.json'])
})

test('a damaged key file is named', async () => {
  await writeFile(join(directory, 'development-issuer.jwk.json'), '{')
  await expect(developmentIssuer({ directory, ...names })).rejects.toMatchObject({
    code: 'invalid_configuration',
    message: expect.stringContaining('delete it'),
  })
})
