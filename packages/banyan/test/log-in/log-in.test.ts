import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { start } from '../../src/index.ts'
import { silentLog } from '../../src/observe/log.ts'
import { apiKeyBook } from '../../src/security/api-key-book.ts'
import { openServer, type DatabaseServer } from '../../src/store/server.ts'
import { freePorts } from '../../src/testing/free-ports.ts'
import { testInstallation, type TestInstallation } from '../../src/testing/installation.ts'
import club from './club.ts'
import { places, redisUrl } from './stores.ts'
import { testProvider, type TestProvider } from './provider.ts'
import { Visitor } from './visitor.ts'

describe.each(places)('with sessions in $store', ({ topology, skip, everything }) => {
  if (skip !== undefined) {
    test('people log in', (context) => context.skip(skip))
    return
  }
  let provider: TestProvider
  let installation: TestInstallation
  let running: Awaited<ReturnType<typeof start>>
  let server: DatabaseServer
  let url: string

  beforeAll(async () => {
    const [port, providerPort] = await freePorts(2)
    provider = await testProvider(providerPort!, [`http://127.0.0.1:${port}`])
    installation = await testInstallation()
    process.env['CLUB_ISSUER'] = provider.issuer
    process.env['CLUB_SECRET'] = provider.clientSecret
    if (redisUrl !== undefined) process.env['CLUB_REDIS'] = redisUrl
    running = await start(club, { ...installation.options, topology, port: port!, log: silentLog })
    url = running.url
    const { name, database, directory } = installation.options
    server = await openServer({ app: name, url: database, dataDirectory: directory })
  })
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]()
    await running?.[Symbol.asyncDispose]()
    await provider?.[Symbol.asyncDispose]()
    await installation?.[Symbol.asyncDispose]()
  })

  const own = { 'sec-fetch-site': 'same-origin' }
  const cookie = () => `${installation.options.name}-session`
  const jsonOf = async (answer: Response) => (await answer.json()) as { [name: string]: unknown; details?: { reason?: string } }

  /** Begins a log-in and comes back from the provider's, but not yet into the app. */
  function returning(name: string, { returnTo = '/me', visitor = new Visitor() } = {}): Promise<{ visitor: Visitor; back: string }> {
    return visitor.logInAtProvider(`${url}/auth/login?return_to=${encodeURIComponent(returnTo)}`, name).then((back) => ({ visitor, back }))
  }

  async function logIn(name: string, visitor = new Visitor()): Promise<Visitor> {
    const { back } = await returning(name, { visitor })
    expect((await visitor.ask(back)).status).toBe(303)
    return visitor
  }

  async function me(visitor: Visitor): Promise<unknown> {
    const answer = await visitor.ask(`${url}/me`)
    const { subject, code } = await jsonOf(answer)
    return [answer.status, subject ?? code]
  }

  describe('log-in with an identity provider', () => {
    test('says who somebody is, until they log out', async () => {
      const { visitor, back } = await returning('ada')
      const answer = await visitor.ask(back)
      expect([answer.status, answer.headers.get('location'), answer.headers.get('cache-control')]).toEqual([303, '/me', 'no-store'])
      expect(answer.headers.getSetCookie().find((line) => line.startsWith(cookie()))).toMatch(/=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/)
      expect(await me(visitor)).toEqual([200, 'ada'])
      const known = { subject: 'ada', roles: ['member'], tenant: 'default', name: 'ada of the club', email: 'ada@example.com' }
      expect(await jsonOf(await visitor.ask(`${url}/auth/session`))).toMatchObject(known)
      const out = await visitor.ask(`${url}/auth/logout`, { method: 'POST', headers: own })
      expect([out.status, await out.json()]).toEqual([200, { next: expect.stringContaining(`${provider.issuer}/session/end?`) }])
      expect(await me(visitor)).toEqual([401, 'unauthenticated'])
    })

    test('whoever has no session is told so, with what to do', async () => {
      const answer = await new Visitor().ask(`${url}/auth/session`)
      expect([answer.status, answer.headers.get('www-authenticate'), await jsonOf(answer)]).toMatchObject([
        401,
        'Bearer',
        { details: { reason: 'no_session' } },
      ])
      const stranger = new Visitor()
      stranger.jar(url).set(cookie(), 'A'.repeat(43))
      expect(await jsonOf(await stranger.ask(`${url}/auth/session`))).toMatchObject({ details: { reason: 'session_over' } })
      expect((await stranger.ask(`${url}/notice`)).status, 'what is for everybody stays so').toBe(200)
    })

    test('asks the provider for a code with PKCE S256, a state and a nonce', async () => {
      const answer = await new Visitor().ask(`${url}/auth/login`)
      const { searchParams } = new URL(answer.headers.get('location')!)
      expect(Object.fromEntries(searchParams)).toMatchObject({
        response_type: 'code',
        code_challenge_method: 'S256',
        code_challenge: expect.stringMatching(/^[\w-]{43}$/),
        state: expect.stringMatching(/^[\w-]{43}$/),
        nonce: expect.stringMatching(/^[\w-]{43}$/),
        redirect_uri: `${url}/auth/callback`,
        scope: 'openid profile email',
      })
    })
  })

  describe('a log-in is refused, with the reason,', () => {
    const refused = async (visitor: Visitor, back: string) => {
      const answer = await visitor.ask(back)
      expect(answer.status).toBe(401)
      expect([...visitor.jar(url).keys()]).not.toContain(cookie())
      return (await jsonOf(answer)).details?.reason
    }

    test('in another browser than the one that began it (log-in CSRF)', async () => {
      const { back } = await returning('mallory')
      expect(await refused(new Visitor(), back)).toBe('no_log_in')
      const { visitor: victim } = await returning('ada')
      expect(await refused(victim, back), 'with a log-in of its own under way').toBe('wrong_answer')
    })

    test.each([
      ['another state', (back: URL) => back.searchParams.set('state', 'x'.repeat(43)), 'wrong_answer'],
      ['no state', (back: URL) => back.searchParams.delete('state'), 'wrong_answer'],
      ['the name of another issuer (RFC 9207)', (back: URL) => back.searchParams.set('iss', 'https://evil.example'), 'wrong_answer'],
      ['no name of an issuer', (back: URL) => back.searchParams.delete('iss'), 'wrong_answer'],
      ['another code', (back: URL) => back.searchParams.set('code', 'made-up'), 'invalid_grant'],
    ])('for %s', async (_what, change, reason) => {
      const { visitor, back } = await returning('ada')
      const changed = new URL(back)
      change(changed)
      expect(await refused(visitor, changed.href)).toBe(reason)
    })

    test('for a verifier or a nonce of another log-in', async () => {
      for (const [field, reason] of [
        ['verifier', 'invalid_grant'],
        ['nonce', 'wrong_answer'],
      ] as const) {
        const { visitor, back } = await returning('ada')
        const jar = visitor.jar(url)
        const name = `${installation.options.name}-log-in`
        const pending = JSON.parse(Buffer.from(jar.get(name)!, 'base64url').toString()) as object
        jar.set(name, Buffer.from(JSON.stringify({ ...pending, [field]: 'y'.repeat(43) })).toString('base64url'))
        expect(await refused(visitor, back)).toBe(reason)
      }
    })

    test('for a code that comes a second time', async () => {
      const { visitor, back } = await returning('ada')
      const before = new Map(visitor.jar(url))
      await visitor.ask(back)
      const replay = new Visitor()
      for (const [name, value] of before) replay.jar(url).set(name, value)
      expect(await refused(replay, back)).toBe('invalid_grant')
    })

    test('for what the provider itself refuses', async () => {
      const visitor = new Visitor()
      const location = new URL((await visitor.ask(`${url}/auth/login`)).headers.get('location')!)
      const back = new URL(`${url}/auth/callback?error=access_denied&error_description=no`)
      back.searchParams.set('state', location.searchParams.get('state')!)
      back.searchParams.set('iss', provider.issuer)
      expect(await refused(visitor, back.href)).toBe('access_denied')
    })
  })

  describe('who has logged in', () => {
    test.each([
      'https://evil.example/',
      '//evil.example',
      '/\\evil.example',
      '\\\\evil.example',
      'javascript:alert(1)',
      '/%09/evil.example/..//evil.example',
      '/\t/evil.example',
    ])('is never sent to another site: %j', async (returnTo) => {
      const { visitor, back } = await returning('ada', { returnTo })
      const location = (await visitor.ask(back)).headers.get('location')!
      expect(new URL(location, url).origin).toBe(url)
      expect(location).toMatch(/^\/(?!\/)/)
    })

    test('has a session that nobody could have planted, and the one before ends', async () => {
      const visitor = new Visitor()
      visitor.jar(url).set(cookie(), 'B'.repeat(43))
      await logIn('ada', visitor)
      const first = visitor.jar(url).get(cookie())!
      expect(first).not.toBe('B'.repeat(43))
      await logIn('ada', visitor)
      const thief = new Visitor()
      thief.jar(url).set(cookie(), first)
      expect(await me(visitor)).toEqual([200, 'ada'])
      expect(await me(thief)).toEqual([401, 'unauthenticated'])
    })

    test('cannot be made to do something by another site', async () => {
      const ada = await logIn('ada')
      const pin = async (headers: Record<string, string>) => {
        const answer = await ada.ask(`${url}/notices`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: '{"text":"hello"}',
        })
        const { by, details } = await jsonOf(answer)
        return [answer.status, by ?? details?.reason]
      }
      expect(await pin(own)).toEqual([200, 'ada'])
      expect(await pin({ origin: url })).toEqual([200, 'ada'])
      for (const site of ['cross-site', 'same-site']) expect(await pin({ 'sec-fetch-site': site, origin: url })).toEqual([403, 'cross_site'])
      for (const origin of ['https://evil.example', 'null', `${url}.evil.example`]) expect(await pin({ origin })).toEqual([403, 'cross_site'])
      expect(await pin({}), 'from a browser that says nothing').toEqual([403, 'cross_site'])
      expect((await ada.ask(`${url}/auth/logout`, { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403)
      expect(await me(ada)).toEqual([200, 'ada'])
    })

    test('sees their sessions, ends one, and all', async () => {
      const [here, there, further] = [await logIn('bo'), await logIn('bo'), await logIn('bo')]
      const stranger = await logIn('eve')
      const { sessions } = (await jsonOf(await here.ask(`${url}/auth/sessions`))) as unknown as { sessions: { id: string; current: boolean }[] }
      expect(sessions.filter(({ current }) => current)).toHaveLength(1)
      const theirs = (await jsonOf(await there.ask(`${url}/auth/session`)))['id'] as string
      const end = (who: Visitor) => who.ask(`${url}/auth/sessions/${theirs}`, { method: 'DELETE', headers: own })
      expect((await end(stranger)).status, 'nobody ends the session of another').toBe(404)
      expect([(await end(here)).status, (await end(here)).status]).toEqual([204, 404])
      expect(await Promise.all([here, there, further].map(me))).toEqual([
        [200, 'bo'],
        [401, 'unauthenticated'],
        [200, 'bo'],
      ])
      await here.ask(`${url}/auth/logout?everywhere=true`, { method: 'POST', headers: own })
      expect(await Promise.all([here, further, stranger].map(me))).toEqual([
        [401, 'unauthenticated'],
        [401, 'unauthenticated'],
        [200, 'eve'],
      ])
    })

    test('has a session of which the store knows a hash only', async () => {
      const ada = await logIn('ada')
      const secret = ada.jar(url).get(cookie())!
      const rows = await everything(server)
      expect(rows.join('\n')).toContain('ada of the club')
      const forms = [secret, Buffer.from(secret).toString('hex'), Buffer.from(secret, 'base64url').toString('hex')]
      expect(rows.filter((row) => forms.some((form) => row.includes(form)))).toEqual([])
    })

    test('may show a key or a token beside the cookie, which then counts', async () => {
      const ada = await logIn('ada')
      const { id, text } = await apiKeyBook({ app: server.app, prefix: 'club', sql: server.admin }).create({ name: 'x', scopes: ['books:read'] })
      const seen = async (headers: Record<string, string>) => {
        const answer = await ada.ask(`${url}/books`, { headers })
        return [answer.status, ((await answer.json()) as { seen?: string }).seen]
      }
      expect(await seen({ authorization: `Bearer ${text}` })).toEqual([200, `key:${id}`])
      expect(await seen({ 'x-api-key': text })).toEqual([200, `key:${id}`])
      expect(await seen({})).toEqual([403, undefined])
      expect(await seen({ authorization: `Bearer ${text}x` })).toEqual([401, undefined])
      const token = await running.token({ subject: 'dev' })
      expect((await jsonOf(await ada.ask(`${url}/me`, { headers: { authorization: `Bearer ${token}` } })))['subject']).toBe('dev')
    })
  })

  test('while the provider is away nobody logs in, and who has logged in stays so and may log out', async () => {
    const ada = await logIn('ada')
    const { visitor, back } = await returning('bo')
    await provider[Symbol.asyncDispose]()
    expect((await visitor.ask(back)).status).toBe(503)
    expect(await me(ada)).toEqual([200, 'ada'])
    expect((await ada.ask(`${url}/auth/logout`, { method: 'POST', headers: own })).status).toBe(200)
    expect(await me(ada)).toEqual([401, 'unauthenticated'])
  })
})
