import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { start } from '../../src/index.ts'
import { developmentIssuer } from '../../src/security/development-issuer.ts'
import { silentLog } from '../../src/observe/log.ts'
import { testInstallation, type TestInstallation } from '../../src/testing/installation.ts'
import castle, { addKey, ring } from './vault.ts'
import { freePorts } from '../../src/testing/free-ports.ts'

let installation: TestInstallation
beforeAll(async () => {
  installation = await testInstallation()
})
beforeEach(() => void ring.splice(0))
afterAll(() => installation[Symbol.asyncDispose]())

async function me(url: string, token: string): Promise<unknown> {
  const answer = await fetch(`${url}/me`, { headers: { authorization: `Bearer ${token}` } })
  const body = (await answer.json()) as { code?: string; subject?: string }
  return [answer.status, body.code ?? body.subject]
}

async function logIn(url: string, name: string): Promise<string> {
  const body = JSON.stringify({ name, password: 'opensesame' })
  const answer = await fetch(`${url}/log-ins`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  return ((await answer.json()) as { token: string }).token
}

describe('an app that is its own issuer', () => {
  test.each([true, false])('lets in whom it gave a token, in one process (development: %s)', async (development) => {
    await using running = await start(castle, { ...installation.options, development: true, port: 0, log: silentLog })
    await using again = development ? undefined : await start(castle, { ...installation.options, development, port: 0, log: silentLog })
    const { url } = again ?? running
    // nothing is signed yet, and somebody has been here with a token that is none of ours
    await addKey('of another')
    const strange = await ring[0]!.sign('mallory')
    ring.splice(0)
    expect(await me(url, strange)).toEqual([401, 'unauthenticated'])
    await addKey('k1')
    expect(await me(url, await logIn(url, 'ada'))).toEqual([200, 'ada'])
    expect(await me(url, strange)).toEqual([401, 'unauthenticated'])
  })

  test('says what is wrong with a token of either issuer', async () => {
    await addKey('k1')
    await using running = await start(castle, { ...installation.options, log: silentLog })
    const directory = join(installation.options.directory, '.banyan')
    const development = await developmentIssuer({ directory, issuer: 'banyan-development', audience: 'another app' })
    const refusals = await Promise.all(
      [await development.issue({ subject: 'ada' }), await ring[0]!.sign('anonymous')].map(async (token) => {
        const answer = await fetch(`${running.url}/me`, { headers: { authorization: `Bearer ${token}` } })
        return ((await answer.json()) as { detail: string }).detail
      }),
    )
    expect(refusals).toEqual([expect.stringContaining('\'aud\' is "another app"'), expect.stringContaining('names nobody')])
  })

  test('asks the unit that has the keys, whichever starts first', async () => {
    await addKey('k1')
    const [first, second] = await freePorts(2)
    const addresses = { keep: `http://127.0.0.1:${first}`, yard: `http://127.0.0.1:${second}` }
    const both = { ...installation.options, topology: 'apart', addresses, secret: 'a secret that the two units share', log: silentLog }
    await using yard = await start(castle, { ...both, unit: 'yard', port: second! })
    expect(await me(yard.url, await ring[0]!.sign('ada'))).toEqual([503, 'unavailable'])
    const keep = await start(castle, { ...both, unit: 'keep', port: first! })
    const token = await logIn(yard.url, 'ada')
    expect(await me(yard.url, token)).toEqual([200, 'ada'])
    expect(await me(keep.url, token)).toEqual([200, 'ada'])
    await keep[Symbol.asyncDispose]()
    expect(await me(yard.url, await ring[0]!.sign('bo')), 'the keys are known already').toEqual([200, 'bo'])
  })
})
