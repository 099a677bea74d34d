import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { silentLog } from '../../src/observe/log.ts'
import type { RunningApp } from '../../src/testing/runner.ts'
import { runners } from '../../src/testing/runners.ts'
import office, { type desk, type files } from './office.ts'

const ada = { subject: 'ada', roles: ['clerk'], tenant: 'north', scopes: ['files:write'], attributes: { branch: 'b1' } }
const bob = { subject: 'bob', roles: ['clerk'], tenant: 'south', scopes: [], attributes: { branch: 'b2' } }
const boss = { subject: 'boss', roles: ['boss'] }

describe.each(runners)('who may, under $name', (runner) => {
  let running: RunningApp<{ files: typeof files; desk: typeof desk }>
  let id: string
  beforeAll(async () => {
    running = await runner.start(office, { log: silentLog })
    ;({ id } = await running.as(ada).files.open({ branch: 'b1' }))
  })
  afterAll(() => running[Symbol.asyncDispose]())

  async function asked(path: string, who?: typeof ada | typeof boss, url = running.url): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await fetch(`${url}${path}`, who && { headers: { authorization: `Bearer ${await running.token(who)}` } })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }

  test('scope, role and the input decide together, and a refusal says which is missing', async () => {
    const refused = (who: Parameters<typeof running.as>[0], branch: string) => running.as(who).files.open.result({ branch })
    expect(await refused(bob, 'b2')).toMatchObject({ ok: false, error: { code: 'forbidden', message: expect.stringMatching(/lacks: scope files:write$/) } })
    expect(await refused(ada, 'b2')).toMatchObject({
      ok: false,
      error: {
        code: 'forbidden',
        message: expect.stringMatching(/lacks: of the own branch$/),
        details: {
          why: { verdict: 'fails', parts: [{ rule: 'role clerk', verdict: 'passes' }, { verdict: 'passes' }, { rule: 'of the own branch', verdict: 'fails' }] },
        },
      },
    })
    expect(await refused({ ...ada, roles: ['boss'] }, 'b1')).toMatchObject({ ok: true })
  })

  test('over HTTP the reason is in the problem, and nothing of the object', async () => {
    const { status, body } = await asked(`/files/${id}`, bob)
    expect([status, body['code'], body['details']]).toMatchObject([
      403,
      'forbidden',
      { why: { rule: 'owner or role boss or services', parts: [{ rule: 'owner', verdict: 'fails' }, { verdict: 'fails' }, { verdict: 'fails' }] } },
    ])
    expect(JSON.stringify([body['details'], body['detail']])).not.toMatch(/ada|north|b1/)
    expect((await asked(`/files/${id}`)).status).toBe(401)
  })

  test('an object that is not to be known of is answered as one that does not exist', async () => {
    expect(await asked(`/quiet-files/${id}`, bob)).toMatchObject({ status: 404, body: { code: 'not_found' } })
    const [there, missing] = [await asked(`/hidden-files/${id}`, bob), await asked('/hidden-files/none', bob)]
    const { type, title, status, code, executed } = missing.body
    expect(there).toMatchObject({ status: 404, body: { type, title, status, code, executed, details: { id } } })
    expect(await asked(`/hidden-files/${id}`, ada)).toMatchObject({ status: 200 })
  })

  test('tenants and attributes of the object decide', async () => {
    for (const path of ['tenant-files', 'branch-files']) {
      expect([path, (await asked(`/${path}/${id}`, ada)).status]).toEqual([path, 200])
      expect([path, (await asked(`/${path}/${id}`, bob)).status]).toEqual([path, 403])
    }
  })

  test('a command asks about the object that it has loaded', async () => {
    const opened = await running.as(ada).files.open({ branch: 'b1' })
    expect(await running.as(bob).files.close.result(opened)).toMatchObject({
      ok: false,
      error: { code: 'forbidden', message: expect.stringMatching(/lacks: owner$/) },
    })
    expect(await running.as(ada).files.close.result(opened)).toMatchObject({ ok: true })
    expect(await running.as(ada).files.close.result(opened)).toMatchObject({
      ok: false,
      error: { code: 'forbidden', message: expect.stringMatching(/lacks: open$/) },
    })
    expect(await running.call.files.close.result(opened)).toMatchObject({ ok: true })
  })

  test('fields are kept back from callers from outside, and not from services', async () => {
    const all = { salary: 100, phone: '555', notes: [{ text: 'fine', author: 'eve' }] }
    expect((await asked(`/files/${id}`, boss)).body).toMatchObject(all)
    for (const url of running.urls) {
      const { body } = await asked(`/files/${id}`, ada, url)
      expect(body).toMatchObject({ phone: '555', notes: [{ text: 'fine' }] })
      expect(JSON.stringify(body)).not.toMatch(/salary|eve/)
    }
    expect((await asked(`/desk/${id}`, bob)).body).toMatchObject(all)
    expect(await running.call.files.byId({ id })).toMatchObject(all)
  })

  test('scopes, attributes and inherited roles travel with the identity, as far as it goes', async () => {
    expect((await asked('/me', { ...ada, attributes: { branch: 'b1', secret: 'undeclared' } as never })).body).toEqual({
      subject: 'ada',
      roles: ['clerk'],
      scopes: ['files:write'],
      attributes: { branch: 'b1' },
    })
    for (const url of running.urls) {
      expect((await asked('/desk/me', { ...ada, roles: ['boss'] }, url)).body).toEqual({ roles: ['boss', 'clerk'], scopes: ['files:write'], branch: 'b1' })
    }
  })
})
