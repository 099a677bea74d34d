import { describe, expect, test } from 'vitest'
import { client, type BanyanError } from '../../src/index.ts'
import { readEvents } from '../http/event-reader.ts'
import type { Running } from '../../src/runtime/start.ts'
import { uuidv7 } from '../../src/kernel/id.ts'
import { isDeclared } from '../../src/model/declared-error.ts'
import { bank, fans } from './bank.ts'

type Contracts = { bank: typeof bank; fans: typeof fans }
type Bank = Running<Contracts>

/** What holds wherever the services run; the same bodies run in one process and across units. */
export function bodies(running: () => Bank): void {
  const ada = () => running().as({ subject: 'ada', roles: ['customer'] })
  const opened = async () => {
    const account = uuidv7()
    await ada().bank.open({ account })
    return account
  }

  describe('commands and queries', () => {
    test('a command commits, a query reads, also the past', async () => {
      const account = await opened()
      await ada().bank.deposit({ account, amount: 5 })
      expect(await ada().bank.deposit({ account, amount: 7 })).toEqual({ balance: 12 })
      expect(await ada().bank.balance({ account })).toEqual({ account, owner: 'ada', balance: 12 })
      expect(await ada().bank.balance({ account, version: 2 })).toEqual({ account, owner: 'ada', balance: 5 })
    })

    test('a refusal comes back by name, with its details, and changes nothing', async () => {
      const account = await opened()
      await ada().bank.deposit({ account, amount: 5 })
      const result = await ada().bank.withdraw.result({ account, amount: 6 })
      expect(result.ok).toBe(false)
      if (result.ok || !isDeclared(result.error)) throw new Error('not a refusal')
      expect(result.error.details).toEqual({ balance: 5 })
      expect(bank.withdraw.errors.TooLittle.is(result.error)).toBe(true)
      expect(await ada().bank.balance({ account })).toMatchObject({ balance: 5 })
    })

    test('every mismatch of an input is told', async () => {
      const result = await ada().bank.deposit.result({ account: '', amount: -1 })
      expect(result).toMatchObject({
        ok: false,
        error: { code: 'invalid_input', executed: 'no', details: { issues: [{ path: '/account' }, { path: '/amount' }] } },
      })
    })

    test('access is denied unless said', async () => {
      const account = await opened()
      const codeFor = async (call: Promise<unknown>) =>
        call.then(
          () => 'ok',
          (error: BanyanError) => error.code,
        )
      expect(await codeFor(running().as({ subject: 'anonymous' }).bank.deposit({ account, amount: 1 }))).toBe('unauthenticated')
      expect(await codeFor(running().as({ subject: 'bo' }).bank.open({ account: 'x' }))).toBe('forbidden')
      expect(await codeFor(running().as({ subject: 'bo' }).bank.balance({ account }))).toBe('forbidden')
      expect(await codeFor(ada().bank.transfers({}))).toBe('forbidden')
      expect(await codeFor(running().call.bank.transfers({}))).toBe('ok')
    })

    test('a deadline that has passed is told', async () => {
      const result = await running().call.bank.rate.result({ currency: 'EUR' }, { deadline: '0ms' })
      expect(result).toMatchObject({ ok: false, error: { code: 'deadline_exceeded' } })
    })
  })

  describe('idempotency', () => {
    test('a repeat is answered what the first was, and executed once', async () => {
      const account = await opened()
      const once = { idempotencyKey: uuidv7() }
      expect(await ada().bank.deposit({ account, amount: 5 }, once)).toEqual({ balance: 5 })
      await ada().bank.deposit({ account, amount: 1 })
      expect(await ada().bank.deposit({ account, amount: 5 }, once)).toEqual({ balance: 5 })
      expect(await ada().bank.balance({ account })).toMatchObject({ balance: 6 })
    })

    test('repeats at the same time are one execution', async () => {
      const account = await opened()
      const once = { idempotencyKey: `salary-of-May-${account}` }
      const answers = await Promise.all(Array.from({ length: 10 }, () => ada().bank.deposit({ account, amount: 5 }, once)))
      expect(answers).toEqual(answers.map(() => ({ balance: 5 })))
      expect(await ada().bank.balance({ account })).toMatchObject({ balance: 5 })
    })

    test('a repeat that would be refused by now is still answered', async () => {
      const account = await opened()
      await ada().bank.deposit({ account, amount: 5 })
      const once = { idempotencyKey: uuidv7() }
      expect(await ada().bank.withdraw({ account, amount: 5 }, once)).toEqual({ balance: 0 })
      expect(await ada().bank.withdraw({ account, amount: 5 }, once)).toEqual({ balance: 0 })
    })

    test('the same key with another input is refused', async () => {
      const account = await opened()
      const once = { idempotencyKey: uuidv7() }
      await ada().bank.deposit({ account, amount: 5 }, once)
      expect(await ada().bank.deposit.result({ account, amount: 6 }, once)).toMatchObject({ ok: false, error: { code: 'key_reused' } })
    })

    test('a key that was used before is named as the caller said it', async () => {
      const account = await opened()
      const once = { idempotencyKey: `deposit-into-${account}` }
      await ada().bank.deposit({ account, amount: 5 }, once)
      expect(await ada().bank.deposit.result({ account, amount: 6 }, once)).toMatchObject({
        error: {
          message: `bank.deposit: the idempotency key ${once.idempotencyKey} was used before with another input; a new command needs a new key`,
        },
      })
    })

    test('a key of another caller is another key, and a key too old is refused', async () => {
      const account = await opened()
      const once = { idempotencyKey: uuidv7() }
      await ada().bank.deposit({ account, amount: 5 }, once)
      expect(await running().as({ subject: 'bo' }).bank.deposit({ account, amount: 5 }, once)).toEqual({ balance: 10 })
      const old = { idempotencyKey: uuidv7AtYear2020 }
      expect(await ada().bank.deposit.result({ account, amount: 5 }, old)).toMatchObject({ ok: false, error: { code: 'key_expired', executed: 'no' } })
    })
  })

  describe('transactions', () => {
    test('rows and events commit together', async () => {
      const [from, to] = [await opened(), await opened()]
      await ada().bank.deposit({ account: from, amount: 50 })
      await running().call.bank.transfer({ from, to, amount: 20 })
      expect(await ada().bank.balance({ account: from })).toMatchObject({ balance: 30 })
      expect(await ada().bank.balance({ account: to })).toMatchObject({ balance: 20 })
      expect(await running().call.bank.transfers({})).toContainEqual({ from, to, amount: 20 })
    })

    test('a refusal takes rows back, a failing statement takes events back', async () => {
      const [from, to] = [await opened(), await opened()]
      await ada().bank.deposit({ account: from, amount: 5000 })
      expect(await running().call.bank.transfer.result({ from: to, to: from, amount: 1 })).toMatchObject({
        ok: false,
        error: { code: 'TooLittle', details: { balance: 0 } },
      })
      expect(await running().call.bank.transfer.result({ from, to, amount: 2000 })).toMatchObject({ ok: false, error: { code: 'internal' } })
      expect(await ada().bank.balance({ account: from })).toMatchObject({ balance: 5000 })
      expect((await running().call.bank.transfers({})).filter((row) => row.from === from || row.to === from)).toEqual([])
    })

    test('concurrent commands on one stream all take effect, in order', async () => {
      const account = await opened()
      const answers = await Promise.all(Array.from({ length: 100 }, () => ada().bank.deposit({ account, amount: 1 })))
      expect(new Set(answers.map(({ balance }) => balance)).size).toBe(100)
      expect(await ada().bank.balance({ account })).toMatchObject({ balance: 100 })
    })

    test('refusals that race with commits are decided on what is true', async () => {
      const account = await opened()
      await ada().bank.deposit({ account, amount: 10 })
      const results = await Promise.all(Array.from({ length: 30 }, () => ada().bank.withdraw.result({ account, amount: 1 })))
      expect(results.filter(({ ok }) => ok)).toHaveLength(10)
      expect(await ada().bank.balance({ account })).toMatchObject({ balance: 0 })
    })
  })

  describe('reactions, sends and projections', () => {
    test('each event has its effects once', async () => {
      const account = await opened()
      await Promise.all(Array.from({ length: 25 }, () => ada().bank.deposit({ account, amount: 1 })))
      await running().quiet()
      expect(await running().call.fans.thanks({ account })).toEqual({ thanks: 25, heard: 25 })
      expect(await running().call.fans.given({ account })).toBe(25)
    })

    test('a send that is refused does not hold up the others', async () => {
      await ada().bank.open.result({ account: 'grump' })
      await ada().bank.deposit({ account: 'grump', amount: 1 })
      const account = await opened()
      await ada().bank.deposit({ account, amount: 1 })
      await running().quiet()
      expect(await running().call.fans.thanks({ account })).toEqual({ thanks: 1, heard: 1 })
      expect(await running().call.fans.thanks({ account: 'grump' })).toMatchObject({ thanks: 0 })
    })
  })

  describe('consistency', () => {
    test('who has written sees it in what is projected from it, without waiting for quiet', async () => {
      const account = await opened()
      const me = ada()
      for (let deposits = 1; deposits <= 10; deposits++) {
        await me.bank.deposit({ account, amount: 1 })
        expect(await me.fans.thanks({ account })).toMatchObject({ heard: deposits })
      }
    })

    test('a repeat sees what the first has written, though nobody knows where that was', async () => {
      const account = await opened()
      const once = { idempotencyKey: uuidv7() }
      await ada().bank.deposit({ account, amount: 1 }, once)
      const me = ada()
      await me.bank.deposit({ account, amount: 1 }, once)
      expect(await me.fans.thanks({ account })).toMatchObject({ heard: 1 })
    })

    test('over HTTP, the answer of a command says what a query has to have seen', async () => {
      const account = await opened()
      const token = await running().token({ subject: 'ada', roles: ['customer'] })
      for (let deposits = 1; deposits <= 10; deposits++) {
        const deposit = await fetch(`${running().url}/accounts/${account}/deposits`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify({ amount: 1 }),
        })
        const session = deposit.headers.get('banyan-session')!
        expect(session).toMatch(/^bank:\d+=\d+(,\d+=\d+)*$/)
        const thanks = await fetch(`${running().url}/thanks/${account}`, { headers: { 'banyan-session': session } })
        expect(await thanks.json()).toMatchObject({ heard: deposits })
      }
    })

    test('a client of the public routes is one session', async () => {
      const account = await opened()
      await using http = client({ bank, fans }, { url: running().url, token: await running().token({ subject: 'ada', roles: ['customer'] }) })
      for (let deposits = 1; deposits <= 10; deposits++) {
        await http.bank.deposit({ account, amount: 1 })
        expect(await http.fans.thanks({ account })).toMatchObject({ heard: deposits })
      }
    })

    test('what has never been written is not waited for in vain, and not for ever', async () => {
      const future = await fetch(`${running().url}/thanks/any`, { headers: { 'banyan-session': 'bank:0=999999', 'banyan-deadline-ms': '200' } })
      expect([future.status, await future.json()]).toMatchObject([504, { code: 'deadline_exceeded' }])
      const nonsense = await fetch(`${running().url}/thanks/any`, { headers: { 'banyan-session': 'bank' } })
      expect([nonsense.status, await nonsense.json()]).toMatchObject([400, { code: 'malformed_request' }])
    })
  })

  describe('over HTTP', () => {
    test('any unit answers any route', async () => {
      const account = await opened()
      const token = await running().token({ subject: 'ada', roles: ['customer'] })
      const answer = await fetch(`${running().url}/accounts/${account}/deposits`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ amount: 3 }),
      })
      expect([answer.status, await answer.json()]).toEqual([200, { balance: 3 }])
      const thanks = await fetch(`${running().url}/thanks/${account}`)
      expect(thanks.status).toBe(200)
    })

    test('the app’s pages are there', async () => {
      const answer = await fetch(running().url)
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
      expect(await answer.text()).toContain('The bank')
    })

    test('a query is watched from any unit, by the same rules', async () => {
      const account = await opened()
      const token = await running().token({ subject: 'ada', roles: ['customer'] })
      const watch = (as: string) => readEvents(`${running().url}/accounts/${account}`, { authorization: `Bearer ${as}` })
      await using events = await watch(token)
      expect(await events.next()).toMatchObject({ data: { balance: 0 } })
      await ada().bank.deposit({ account, amount: 3 })
      expect(await events.next()).toMatchObject({ data: { balance: 3 } })
      await using stranger = await watch(await running().token({ subject: 'bo' }))
      expect(stranger.response.status).toBe(403)
    })

    test('what a projection says is watched too', async () => {
      const account = await opened()
      await using events = await readEvents(`${running().url}/thanks/${account}`)
      expect(await events.next()).toMatchObject({ data: { thanks: 0, heard: 0 } })
      await ada().bank.deposit({ account, amount: 3 })
      let last: unknown
      do last = (await events.next())!.data
      while ((last as { heard: number }).heard === 0 || (last as { thanks: number }).thanks === 0)
      expect(last).toEqual({ thanks: 1, heard: 1 })
    })

    test('what the app can do is told, with who may do it', async () => {
      const document = (await (await fetch(`${running().url}/openapi.json`)).json()) as { paths: Record<string, Record<string, unknown>> }
      expect(document.paths['/accounts/{account}']!['get']).toMatchObject({ 'x-access': 'owner' })
      expect(document.paths['/thanks/{account}']!['get']).toMatchObject({ 'x-access': 'anyone' })
      expect((await fetch(`${running().url}/reference`)).status).toBe(200)
    })

    test('a refusal is a problem with its status', async () => {
      const account = await opened()
      const token = await running().token({ subject: 'ada', roles: ['customer'] })
      const answer = await fetch(`${running().url}/accounts/${account}/withdrawals`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ amount: 3 }),
      })
      expect(answer.status).toBe(409)
      expect(await answer.json()).toMatchObject({ code: 'TooLittle', details: { balance: 0 } })
    })
  })
}

/** A key of the year 2020. */
const uuidv7AtYear2020 = '016f5e66-e800-7000-8000-000000000000'
