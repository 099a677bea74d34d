import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { hashOfSecret } from '../../src/security/api-key.ts'
import { Sessions } from '../../src/security/sessions.ts'
import { stores, type TestStore } from './stores.ts'

const HOUR = 3_600_000
const times = { idleMs: HOUR, lastingMs: 3 * HOUR }
const ada = { subject: 'ada', roles: ['member'], tenant: 'default' }
const others = [
  { subject: 'bo', roles: [], tenant: 'default' },
  { subject: 'ada', roles: [], tenant: 'elsewhere' },
]

describe.each(stores)('sessions in $name', ({ name, skip, make }) => {
  if (skip !== undefined) {
    test('are the same', (context) => context.skip(skip))
    return
  }
  let kept: TestStore
  let monotonic = 0
  beforeAll(async () => {
    kept = await make()
  })
  afterEach(() => Promise.all([ada, ...others].map((owner) => kept.open().endAllOf(owner))))
  afterAll(() => kept[Symbol.asyncDispose]())

  const open = () => new Sessions({ store: kept.open(), times, clock: { monotonic: () => monotonic } })
  const later = async (minutes: number) => {
    monotonic += minutes * 60_000
    await kept.later(minutes)
  }

  test('a session that is used lasts, up to its end', async () => {
    const sessions = open()
    const secret = await sessions.begin(ada, {}, undefined)
    const lasts: boolean[] = []
    for (const minutes of [50, 50, 50, 29, 2]) {
      await later(minutes)
      lasts.push((await sessions.find(secret)) !== undefined)
    }
    expect(lasts).toEqual([true, true, true, true, false])
    expect(await sessions.list(ada)).toEqual([])
  })

  test('one that nobody uses for the idle time is over', async () => {
    const sessions = open()
    const secret = await sessions.begin(ada, { agent: 'a browser' }, undefined)
    await later(59)
    expect((await sessions.list(ada)).map(({ about }) => about)).toEqual([{ agent: 'a browser' }])
    await later(1)
    expect(await sessions.find(secret)).toBeUndefined()
    expect(await sessions.list(ada)).toEqual([])
  })

  test('says who somebody is and until when, as it is in the list', async () => {
    const sessions = open()
    const [before, about] = [Date.now(), { name: 'Ada ☕', email: 'ada@example.com', agent: 'a "browser"' }]
    const secret = await sessions.begin(ada, about, undefined)
    const found = await sessions.find(secret)
    expect(found).toMatchObject({ person: ada, about, id: expect.stringMatching(/^[\w-]{12}$/), identity: { subject: 'ada', roles: ['member'] } })
    const { began, expires, ends } = found!
    // by the clocks of two programs, of one machine or of two
    expect(Math.abs(began.getTime() - before)).toBeLessThan(60_000)
    expect(ends.getTime() - began.getTime()).toBe(3 * HOUR)
    expect(Math.abs(expires.getTime() - began.getTime() - HOUR)).toBeLessThan(60_000)
    expect(await sessions.list(ada)).toMatchObject([{ id: found!.id, person: ada, about, began, ends }])
  })

  test('being used is written at most every twentieth of the idle time', async () => {
    const sessions = open()
    const secret = await sessions.begin(ada, {}, undefined)
    /** Minutes, as the list has it: looking there writes nothing. */
    const left = async () => Math.round(((await sessions.list(ada))[0]!.expires.getTime() - Date.now()) / 60_000)
    const lefts = [await left()]
    for (const minutes of [2, 2]) {
      await later(minutes)
      await sessions.find(secret)
      lefts.push(await left())
    }
    expect(lefts).toEqual([60, 58, 60])
  })

  test('a session that ends in one process is over in another within two seconds', async () => {
    const [here, there] = [open(), open()]
    const secret = await here.begin(ada, {}, undefined)
    await there.find(secret)
    await here.end(secret)
    expect(await here.find(secret)).toBeUndefined()
    monotonic += 2_000
    expect(await there.find(secret)).toBeUndefined()
  })

  test('whoever logs in again has a new session, and the one before is over', async () => {
    const sessions = open()
    const first = await sessions.begin(ada, {}, undefined)
    const second = await sessions.begin(ada, {}, first)
    expect(second).not.toBe(first)
    expect([(await sessions.find(first))?.person, (await sessions.find(second))?.person]).toEqual([undefined, ada])
    expect(await sessions.list(ada)).toHaveLength(1)
  })

  test('somebody ends one of theirs, or all, and of nobody else', async () => {
    const sessions = open()
    const secrets: string[] = []
    for (const who of [ada, ada, ada, ...others]) secrets.push(await sessions.begin(who, {}, undefined))
    const last = async () => Promise.all(secrets.map(async (secret) => (await sessions.find(secret)) !== undefined))
    const theirs = (await sessions.find(secrets[0]!))!.id
    expect(await Promise.all(others.map((other) => sessions.endOf(other, theirs)))).toEqual([false, false])
    expect([await sessions.endOf(ada, theirs), await sessions.endOf(ada, theirs), await sessions.endOf(ada, 'nothing')]).toEqual([true, false, false])
    expect(await last()).toEqual([false, true, true, true, true])
    await sessions.endAllOf(ada)
    expect(await last()).toEqual([false, false, false, true, true])
    expect(await sessions.list(ada)).toEqual([])
  })

  test('the list has the youngest first', async () => {
    const sessions = open()
    const ids: string[] = []
    for (let index = 0; index < 3; index++) {
      ids.unshift((await sessions.find(await sessions.begin(ada, {}, undefined)))!.id)
      await later(1)
    }
    expect((await sessions.list(ada)).map(({ id }) => id)).toEqual(ids)
  })

  test('nothing that is used at the same moment makes one last that was ended', async () => {
    const [here, there] = [kept.open(), kept.open()]
    for (let round = 0; round < 20; round++) {
      const hashes = Array.from({ length: 5 }, (_, index) => hashOfSecret(`${name} ${round} ${index}`))
      await Promise.all(hashes.map((hash, index) => here.begin(hash, { id: `${round}-${index}`, person: ada, about: {} }, times)))
      await kept.later(10)
      const found = () => Promise.all(hashes.map((hash) => there.find(hash, times)))
      await Promise.all([found(), here.endAllOf(ada), found()])
      expect(await found()).toEqual(hashes.map(() => undefined))
      expect(await there.list(ada)).toEqual([])
    }
  })

  test('what is over is removed by those who log in', async () => {
    const sessions = open()
    for (let index = 0; index < 30; index++) await sessions.begin(ada, {}, undefined)
    await later(61)
    for (let index = 0; index < 3; index++) await sessions.begin(ada, {}, undefined)
    expect(await kept.kept()).toBe(3)
  })
})
