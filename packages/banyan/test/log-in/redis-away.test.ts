import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { start } from '../../src/index.ts'
import { silentLog } from '../../src/observe/log.ts'
import { openRedis, type RedisConnection } from '../../src/store/redis.ts'
import { freePorts } from '../../src/testing/free-ports.ts'
import { testInstallation, type TestInstallation } from '../../src/testing/installation.ts'
import { hasRedisServer, NO_REDIS_SERVER, OwnRedis } from '../redis.ts'
import club from './club.ts'
import { testProvider, type TestProvider } from './provider.ts'
import { Visitor } from './visitor.ts'

const own = { 'sec-fetch-site': 'same-origin' }
/** Longer than a process remembers a session, and a connection takes to be there again. */
const PATIENCE = { timeout: 20_000 }
/** What answers say while sessions cannot be looked up. */
const AWAY = { status: 503, code: 'unavailable', executed: 'no', retryable: true }

describe.skipIf(!hasRedisServer())(`sessions in a Redis of their own${hasRedisServer() ? '' : `: skipped, ${NO_REDIS_SERVER}`}`, () => {
  let provider: TestProvider
  let installation: TestInstallation
  let url: string
  let port: number

  beforeAll(async () => {
    const ports = await freePorts(2)
    port = ports[0]!
    url = `http://127.0.0.1:${port}`
    provider = await testProvider(ports[1]!, [url])
    installation = await testInstallation()
  })
  beforeEach(() => {
    Object.assign(process.env, { CLUB_ISSUER: provider.issuer, CLUB_SECRET: provider.clientSecret })
  })
  afterAll(async () => {
    await provider?.[Symbol.asyncDispose]()
    await installation?.[Symbol.asyncDispose]()
  })

  async function opened(redis: OwnRedis): Promise<AsyncDisposable> {
    process.env['CLUB_REDIS'] = redis.url
    return start(club, { ...installation.options, topology: 'sessions-in-redis', port, log: silentLog })
  }
  /** The keys of that Redis, by the program that administers it. */
  const administer = (redis: OwnRedis): Promise<RedisConnection> =>
    openRedis({ url: redis.url, prefix: `${installation.options.name}:session:`, log: silentLog })
  async function logIn(name: string): Promise<Visitor> {
    const visitor = new Visitor()
    const answer = await visitor.ask(await visitor.logInAtProvider(`${url}/auth/login?return_to=/me`, name))
    expect(answer.status).toBe(303)
    return visitor
  }
  const problem = async (answer: Response) => ({ ...((await answer.json()) as object), status: answer.status })
  /** Asks who somebody is until it is told in this way, and holds that it is told in no other but the first. */
  async function from(before: number, until: number, visitor: Visitor): Promise<object> {
    const seen = new Set<number>()
    let last: object = {}
    await expect
      .poll(async () => {
        last = await problem(await visitor.ask(`${url}/me`))
        const { status } = last as { status: number }
        seen.add(status)
        return status
      }, PATIENCE)
      .toBe(until)
    expect([...seen].filter((status) => status !== before && status !== until)).toEqual([])
    return last
  }

  test('killed: whoever shows one is answered 503, never as if logged out; others go on', async () => {
    await using redis = await OwnRedis.start()
    await using _running = await opened(redis)
    const [ada, late] = [await logIn('ada'), new Visitor()]
    const back = await late.logInAtProvider(`${url}/auth/login`, 'bo')
    expect((await ada.ask(`${url}/me`)).status).toBe(200)
    await redis.kill()
    expect(await from(200, 503, ada)).toMatchObject(AWAY)
    expect(await problem(await ada.ask(`${url}/auth/session`))).toMatchObject(AWAY)
    expect(await problem(await ada.ask(`${url}/auth/logout`, { method: 'POST', headers: own }))).toMatchObject(AWAY)
    expect(ada.jar(url).size, 'the session is not taken from the browser').toBe(1)
    expect(await problem(await late.ask(back)), 'nobody has logged in').toMatchObject(AWAY)
    expect(late.jar(url).size).toBe(0)
    const { name } = installation.options
    expect(JSON.stringify(await problem(await ada.ask(`${url}/me`))), 'strangers are not told where it is').not.toMatch(new RegExp(`${redis.port}|${name}:`))
    expect((await new Visitor().ask(`${url}/notice`)).status).toBe(200)
    expect((await new Visitor().ask(`${url}/me`)).status).toBe(401)

    // without a disk it has forgotten everybody
    await redis.start()
    expect(await from(503, 401, ada)).toMatchObject({ code: 'unauthenticated' })
    expect(await problem(await ada.ask(`${url}/auth/session`))).toMatchObject({ details: { reason: 'session_over' } })
    expect((await (await logIn('ada')).ask(`${url}/me`)).status).toBe(200)
  })

  test('killed, with a disk: whoever was logged in still is', async () => {
    await using redis = await OwnRedis.start({ disk: true })
    await using _running = await opened(redis)
    const [ada, gone] = [await logIn('ada'), await logIn('bo')]
    expect((await gone.ask(`${url}/auth/logout?everywhere=true`, { method: 'POST', headers: own })).status).toBe(200)
    await redis.kill()
    await from(200, 503, ada)
    await redis.start()
    await from(503, 200, ada)
    expect((await gone.ask(`${url}/me`)).status).toBe(401)
  })

  test('frozen: 503 as well, and everybody is known again when it goes on', async () => {
    await using redis = await OwnRedis.start()
    await using _running = await opened(redis)
    const ada = await logIn('ada')
    redis.freeze()
    expect(await from(200, 503, ada)).toMatchObject(AWAY)
    redis.thaw()
    await from(503, 200, ada)
  })

  test('away when the app starts: it starts, and knows everybody when Redis is there', async () => {
    await using redis = await OwnRedis.start({ disk: true })
    let ada: Visitor
    {
      await using _before = await opened(redis)
      ada = await logIn('ada')
    }
    await redis.kill()
    await using _running = await opened(redis)
    expect(await problem(await ada.ask(`${url}/me`))).toMatchObject(AWAY)
    await redis.start()
    await from(503, 200, ada)
  })

  test('emptied: everybody is logged out, and nothing else happens', async () => {
    await using redis = await OwnRedis.start()
    await using _running = await opened(redis)
    await using admin = await administer(redis)
    const ada = await logIn('ada')
    await admin.run((client) => client.flushall())
    await from(200, 401, ada)
    expect((await (await logIn('ada')).ask(`${url}/me`)).status).toBe(200)
  })

  test('evicting what it knows of a person: their sessions are over, so that none is left that they cannot end', async () => {
    await using redis = await OwnRedis.start()
    await using _running = await opened(redis)
    await using admin = await administer(redis)
    const before = await logIn('ada')
    expect((await before.ask(`${url}/me`)).status).toBe(200)
    const [owner] = await admin.run((client) => client.keys(`${admin.prefix}of:*`))
    await admin.run((client) => client.del(owner!))
    const after = await logIn('ada')
    await from(200, 401, before)
    expect((await after.ask(`${url}/me`)).status).toBe(200)
    await after.ask(`${url}/auth/logout?everywhere=true`, { method: 'POST', headers: own })
    expect(await admin.run((client) => client.keys(`${admin.prefix}*`)), 'and nothing is left').toEqual([])
  })

  test('full: nobody new logs in, and whoever has stays so', async () => {
    await using redis = await OwnRedis.start()
    await using _running = await opened(redis)
    await using admin = await administer(redis)
    const [ada, late] = [await logIn('ada'), new Visitor()]
    const key = (await admin.run((client) => client.keys(`${admin.prefix}*`))).find((name) => !name.startsWith(`${admin.prefix}of:`))!
    const back = await late.logInAtProvider(`${url}/auth/login`, 'bo')
    // used last ten minutes ago
    await admin.run((client) => client.pexpire(key, 20 * 60_000))
    await admin.run((client) => client.config('SET', 'maxmemory', '1kb'))
    expect(await problem(await late.ask(back))).toMatchObject(AWAY)
    expect((await ada.ask(`${url}/me`)).status).toBe(200)
    expect(await admin.run((client) => client.pttl(key)), 'and lasts longer by that').toBeGreaterThan(25 * 60_000)
  })

  test('every key goes by itself', async () => {
    await using redis = await OwnRedis.start()
    await using _running = await opened(redis)
    await using admin = await administer(redis)
    await logIn('ada')
    const keys = await admin.run((client) => client.keys('*'))
    const lives = await admin.run((client) => Promise.all(keys.map((key) => client.pttl(key))))
    expect(lives.map((ms) => Math.ceil(ms / 60_000)).sort((one, other) => one - other)).toEqual([30, 12 * 60])
  })
})
