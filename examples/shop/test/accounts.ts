import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import { seedStaff, staffAccount } from '../seed.ts'
import type { Tokens } from '../users/contract.ts'
import type { Answer, Visit } from './visit.ts'

const PASSWORD = 'rain on a tin roof'
let people = 0

/** Who people are to the shop, and how they get in. `urls`: where each unit answers. */
export function accounts(visit: () => Visit, urls: () => readonly string[]): void {
  const register = (email: string, password = PASSWORD) => visit().http('POST', '/users', { body: { email, name: 'Ada L', password } })
  const logIn = (email: string, password = PASSWORD) => visit().http('POST', '/sessions', { body: { email, password } })
  const refresh = (refreshToken: string, key?: string) =>
    visit().http('POST', '/sessions/refresh', { body: { refreshToken }, ...(key === undefined ? {} : { key }) })
  const me = (token: string) => visit().http('GET', '/me', { token })
  const tokensOf = ({ status, body }: Answer) => {
    expect(status).toBe(200)
    return body as Tokens
  }
  /** Somebody new, with an address that nobody else has. */
  const somebody = async () => {
    const email = `ada.${people++}@example.com`
    const { userId } = (await register(email)).body as { userId: string }
    return { email, userId, ...tokensOf(await logIn(email)) }
  }

  test('whoever registers may log in, and is a customer', async () => {
    const email = `Ada.${people++}@Example.com`
    const registered = await register(` ${email} `)
    expect(registered).toMatchObject({ status: 200, body: { userId: expect.any(String) } })
    const tokens = tokensOf(await logIn(email.toUpperCase()))
    expect(tokens.expiresIn).toBe(900)
    const { userId } = registered.body as { userId: string }
    expect(decodeJwt(tokens.accessToken)).toMatchObject({ iss: 'shop', aud: 'shop', sub: userId, roles: ['customer'] })
    expect(await me(tokens.accessToken)).toEqual({
      status: 200,
      body: { userId, email: email.toLowerCase(), name: 'Ada L', roles: ['customer'], addresses: [] },
    })
  })

  test('every unit accepts the shop’s own tokens', async () => {
    const { accessToken, userId } = await somebody()
    for (const url of urls()) {
      const answer = await fetch(`${url}/me`, { headers: { authorization: `Bearer ${accessToken}` } })
      expect([answer.status, await answer.json()]).toMatchObject([200, { userId }])
      const altered = await fetch(`${url}/me`, { headers: { authorization: `Bearer ${accessToken.slice(0, -8)}AAAAAAAA` } })
      expect(altered.status).toBe(401)
    }
  })

  test('an order is its customer’s, who logged in with a password', async () => {
    const { shop, http, product, statusOf } = visit()
    const [own, other] = [await somebody(), await somebody()]
    const body = { lines: [{ sku: await product(1), quantity: 1 }], card: 'tok_ok' }
    const { orderId } = (await http('POST', '/orders', { body, token: own.accessToken })).body as { orderId: string }
    await shop.quiet()
    expect(await statusOf(orderId)).toBe('shipped')
    expect(await http('GET', `/orders/${orderId}`, { token: own.accessToken })).toMatchObject({ status: 200, body: { customerId: own.userId } })
    expect(await http('GET', `/orders/${orderId}`, { token: other.accessToken })).toMatchObject({ status: 403 })
  })

  test('an address is registered once, however it is written', async () => {
    const { email } = await somebody()
    expect(await register(email.toUpperCase())).toMatchObject({ status: 409, body: { code: 'EmailTaken', details: { email } } })
    const fresh = `ada.${people++}@example.com`
    const both = await Promise.all([register(fresh), register(fresh)])
    expect(both.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 409])
  })

  test('who tries passwords for one account is stopped, and nobody else is', async () => {
    const { email } = await somebody()
    const tries: number[] = []
    // its first log-in is the tenth of ten
    for (let guess = 0; guess < 10; guess++) tries.push((await logIn(email, `guess ${guess}`)).status)
    expect(tries).toEqual([...Array.from({ length: 9 }, () => 401), 429])
    expect(await logIn(email)).toMatchObject({
      status: 429,
      body: { code: 'rate_limited', detail: expect.stringContaining("limited to 10/m by the limit 'account'") as string },
    })
    await somebody()
  })

  test('a wrong password and an unknown address are refused with the same words', async () => {
    const { email } = await somebody()
    const [wrong, unknown] = [await logIn(email, 'wrong'), await logIn('nobody@example.com')]
    expect(wrong).toMatchObject({ status: 401, body: { code: 'WrongCredentials', details: {} } })
    const same = ({ body }: Answer) => ({ ...(body as object), traceId: '' })
    expect(same(wrong)).toEqual(same(unknown))
  })

  test('everything that is wrong with a registration is said at once', async () => {
    const answer = await visit().http('POST', '/users', { body: { email: 'ada', name: 'A\nBcc: b@example.com', password: 'short' } })
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_input' } })
    const { issues } = answer.body as { issues: { path: string }[] }
    expect(issues.map(({ path }) => path).sort()).toEqual(['/email', '/name', '/password'])
  })

  test('a refresh token is good once, and the next one after it', async () => {
    const first = await somebody()
    const second = tokensOf(await refresh(first.refreshToken))
    const third = tokensOf(await refresh(second.refreshToken))
    expect(new Set([first, second, third].map(({ refreshToken }) => refreshToken)).size).toBe(3)
    expect(await me(third.accessToken)).toMatchObject({ status: 200, body: { userId: first.userId } })
    expect(await refresh('made up')).toMatchObject({ status: 401, body: { code: 'RefreshRefused' } })
  })

  test('a used refresh token that comes again ends the session for everybody who has part in it', async () => {
    const first = await somebody()
    const second = tokensOf(await refresh(first.refreshToken))
    expect(await refresh(first.refreshToken)).toMatchObject({ status: 401, body: { code: 'RefreshRefused' } })
    expect(await refresh(second.refreshToken)).toMatchObject({ status: 401, body: { code: 'RefreshRefused' } })
    expect(tokensOf(await logIn(first.email))).toHaveProperty('refreshToken')
  })

  test('of two uses at the same time one is good, and it is noticed', async () => {
    const { refreshToken } = await somebody()
    const both = await Promise.all([refresh(refreshToken), refresh(refreshToken)])
    expect(both.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 401])
    const winner = both.find(({ status }) => status === 200)!.body as Tokens
    expect(await refresh(winner.refreshToken)).toMatchObject({ status: 401 })
  })

  test('a repeat under the same Idempotency-Key is told so, and ends no session', async () => {
    const { refreshToken } = await somebody()
    const key = `refresh-${people}`
    const next = tokensOf(await refresh(refreshToken, key))
    expect(await refresh(refreshToken, key)).toMatchObject({ status: 409, body: { code: 'answer_not_kept' } })
    expect(tokensOf(await refresh(next.refreshToken))).toHaveProperty('accessToken')
  })

  test('logging out ends one session and no other', async () => {
    const here = await somebody()
    const there = tokensOf(await logIn(here.email))
    const end = () => visit().http('POST', '/sessions/end', { body: { refreshToken: here.refreshToken } })
    expect([(await end()).status, (await end()).status]).toEqual([204, 204])
    expect(await refresh(here.refreshToken)).toMatchObject({ status: 401 })
    expect(tokensOf(await refresh(there.refreshToken))).toHaveProperty('refreshToken')
  })

  test('people change what is known of them, and nobody else’s', async () => {
    const { http } = visit()
    const [own, other] = [await somebody(), await somebody()]
    const token = own.accessToken
    expect(await http('PUT', '/me', { token, body: { email: other.email, name: 'Ada' } })).toMatchObject({ status: 409, body: { code: 'EmailTaken' } })
    const email = `new.${own.email}`
    expect((await http('PUT', '/me', { token, body: { email: ` ${email.toUpperCase()}`, name: 'Ada M' } })).status).toBe(204)
    const home = { recipient: 'Ada M', street: 'Rue de la Pluie 4', postalCode: '1000', city: 'Brussels', country: 'Belgium' }
    expect((await http('PUT', '/me/addresses/at home', { token, body: { ...home, city: 'Ghent' } })).status).toBe(204)
    expect((await http('PUT', '/me/addresses/at home', { token, body: home })).status).toBe(204)
    expect(await me(token)).toMatchObject({ body: { email, name: 'Ada M', addresses: [{ label: 'at home', ...home }] } })
    expect(await me(other.accessToken)).toMatchObject({ body: { email: other.email, addresses: [] } })
    expect((await http('DELETE', '/me/addresses/at home', { token })).status).toBe(204)
    expect(await me(token)).toMatchObject({ body: { addresses: [] } })
    expect((await logIn(own.email)).status, 'the old address').toBe(401)
    expect((await logIn(email)).status).toBe(200)
  })

  test('a customer sees no other customer; the staff does, and grants roles', async () => {
    const { http, shop } = visit()
    const [own, other] = [await somebody(), await somebody()]
    const of = (userId: string) => http('GET', `/users/${userId}`, { token: own.accessToken })
    const chief = await shop.token({ subject: 'cleo', roles: ['staff'], attributes: { amr: ['pwd', 'otp', 'mfa'] } })
    const grant = (roles: string[]) => http('PUT', `/users/${own.userId}/roles`, { token: chief, body: { roles } })
    expect(await of(own.userId)).toMatchObject({ status: 200 })
    expect(await of(other.userId)).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    const helpYourself = await http('PUT', `/users/${own.userId}/roles`, { token: own.accessToken, body: { roles: ['staff'] } })
    expect(helpYourself).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    expect((await grant(['staff', 'customer', 'staff'])).status).toBe(204)
    const promoted = tokensOf(await refresh(own.refreshToken))
    expect(decodeJwt(promoted.accessToken)).toMatchObject({ roles: ['customer', 'staff'] })
    expect(await http('GET', `/users/${other.userId}`, { token: promoted.accessToken })).toMatchObject({ status: 200, body: { email: other.email } })
    expect(await grant(['owner'])).toMatchObject({ status: 400 })
  })

  test('who is known to the development issuer only has no account', async () => {
    expect(await visit().http('GET', '/me', { as: 'ada' })).toMatchObject({ status: 404, body: { code: 'NotFound' } })
    expect(await visit().http('GET', '/me')).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
  })

  test('keys can be changed while tokens of the one before are about', async () => {
    const { http, staff } = visit()
    const before = await somebody()
    const { kid } = await staff.users.rotateKeys()
    const { keys } = (await http('GET', '/.well-known/jwks.json')).body as { keys: Record<string, unknown>[] }
    expect(keys).toContainEqual(expect.objectContaining({ kid, kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' }))
    expect(keys.length).toBeGreaterThan(1)
    for (const key of keys) expect(key).not.toHaveProperty('d')
    expect(await me(before.accessToken)).toMatchObject({ status: 200 })
    expect(await me((await somebody()).accessToken)).toMatchObject({ status: 200 })
  })

  test('the first of the staff is seeded for development, once', async () => {
    const { shop } = visit()
    await seedStaff(shop.call)
    await seedStaff(shop.call)
    const { accessToken } = tokensOf(await logIn(staffAccount.email, staffAccount.password))
    expect(await visit().http('GET', '/ledgers/payments', { token: accessToken })).toMatchObject({ status: 200 })
  })
}
