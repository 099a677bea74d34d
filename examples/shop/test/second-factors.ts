import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import type { Challenge, Tokens } from '../users/contract.ts'
import { authenticator } from './authenticator.ts'
import type { Answer, Visit } from './visit.ts'

const PASSWORD = 'rain on a tin roof'
let people = 0

/** A second factor beside a password. */
export function secondFactors(visit: () => Visit): void {
  const logIn = (email: string) => visit().http('POST', '/sessions', { body: { email, password: PASSWORD } })
  const answer = (challenge: string, code: string, key?: string) =>
    visit().http('POST', '/sessions/second-factor', { body: { challenge, code }, ...(key === undefined ? {} : { key }) })
  const challenged = async (email: string) => {
    const { status, body } = await logIn(email)
    expect([status, body]).toEqual([200, { challenge: expect.any(String) as string, expiresIn: 300 }])
    return (body as Challenge).challenge
  }
  const own = (token: string) => ({
    enrol: (password = PASSWORD) => visit().http('POST', '/me/second-factor', { token, body: { password } }),
    confirm: (code: string) => visit().http('POST', '/me/second-factor/confirmation', { token, body: { code } }),
    disable: (code: string) => visit().http('POST', '/me/second-factor/end', { token, body: { code } }),
    look: async () => (await visit().http('GET', '/me/second-factor', { token })).body,
  })
  const good = <T>({ status, body }: Answer) => {
    expect([status, body]).toEqual([200, expect.anything()])
    return body as T
  }
  const somebody = async () => {
    const email = `otto.${people++}@example.com`
    const { userId } = good<{ userId: string }>(await visit().http('POST', '/users', { body: { email, name: 'Otto', password: PASSWORD } }))
    return { email, userId, ...good<Tokens>(await logIn(email)) }
  }
  /** Somebody with a second factor, whose app has shown one code. */
  const guarded = async () => {
    const who = await somebody()
    const { secret, uri } = good<{ secret: string; uri: string }>(await own(who.accessToken).enrol())
    const app = authenticator(uri)
    const { recoveryCodes } = good<{ recoveryCodes: string[] }>(await own(who.accessToken).confirm(app.code()))
    return { ...who, secret, app, recoveryCodes }
  }

  test('from the first code on a password alone lets nobody in', async () => {
    const who = await somebody()
    const { enrol, confirm, look } = own(who.accessToken)
    expect(await enrol('what a thief of tokens guesses')).toMatchObject({ status: 422, body: { code: 'WrongPassword' } })
    const { secret, uri } = good<{ secret: string; uri: string }>(await enrol())
    expect(uri).toBe(`otpauth://totp/shop:${encodeURIComponent(who.email)}?secret=${secret}&issuer=shop&algorithm=SHA1&digits=6&period=30`)
    expect(good<Tokens>(await logIn(who.email)), 'not confirmed yet').toHaveProperty('accessToken')
    const app = authenticator(uri)
    expect(await confirm(app.wrong())).toMatchObject({ status: 422, body: { code: 'WrongCode' } })
    const { recoveryCodes } = good<{ recoveryCodes: string[] }>(await confirm(app.code()))
    expect(new Set(recoveryCodes).size).toBe(10)
    expect(await look()).toEqual({ on: true, recoveryCodes: 10 })
    expect(await enrol()).toMatchObject({ status: 409, body: { code: 'AlreadyOn' } })
    expect(await confirm(app.again())).toMatchObject({ status: 409, body: { code: 'NotEnrolled' } })

    const challenge = await challenged(who.email)
    expect(await visit().http('GET', '/me', { token: challenge }), 'a challenge is no token').toMatchObject({ status: 401 })
    expect(await visit().http('POST', '/sessions/refresh', { body: { refreshToken: challenge } })).toMatchObject({ status: 401 })
    const tokens = good<Tokens>(await answer(challenge, app.code().replace(/^.../, '$&-')))
    expect(decodeJwt(tokens.accessToken)).toMatchObject({ sub: who.userId, amr: ['pwd', 'otp', 'mfa'] })
    const next = good<Tokens>(await visit().http('POST', '/sessions/refresh', { body: { refreshToken: tokens.refreshToken } }))
    expect(decodeJwt(next.accessToken), 'as the session was begun').toMatchObject({ amr: ['pwd', 'otp', 'mfa'] })
    expect(decodeJwt(who.accessToken)).toMatchObject({ amr: ['pwd'] })
  })

  test('a code is good once, also for another challenge, and a challenge is answered once', async () => {
    const { email, app } = await guarded()
    const [first, second] = [await challenged(email), await challenged(email)]
    expect(await answer(first, app.again()), 'it confirmed').toMatchObject({ status: 401, body: { code: 'WrongCode' } })
    const code = app.code()
    const both = await Promise.all([answer(first, code), answer(second, code)])
    expect(both.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 401])
    const [used, left] = both[0]!.status === 200 ? [first, second] : [second, first]
    expect(await answer(used, code)).toMatchObject({ status: 401, body: { code: 'ChallengeRefused' } })
    expect(await answer(left, code)).toMatchObject({ status: 401, body: { code: 'WrongCode' } })
    expect(await answer('made up', code)).toMatchObject({ status: 401, body: { code: 'ChallengeRefused' } })
  })

  test('of many answers to one challenge at the same time one is good', async () => {
    const { email, recoveryCodes } = await guarded()
    const challenge = await challenged(email)
    const all = await Promise.all(recoveryCodes.map((code) => answer(challenge, code)))
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(new Set(all.filter(({ status }) => status !== 200).map(({ body }) => (body as { code: string }).code))).toEqual(new Set(['ChallengeRefused']))
  })

  test('a recovery code stands in once, however it is typed', async () => {
    const { email, recoveryCodes, accessToken } = await guarded()
    const typed = ` ${recoveryCodes[0]!.replaceAll('-', ' ').toUpperCase()}`
    const { accessToken: token } = good<Tokens>(await answer(await challenged(email), typed))
    expect(decodeJwt(token)).toMatchObject({ amr: ['pwd', 'otp', 'mfa'] })
    expect(await own(accessToken).look()).toEqual({ on: true, recoveryCodes: 9 })
    expect(await answer(await challenged(email), recoveryCodes[0]!)).toMatchObject({ status: 401, body: { code: 'WrongCode' } })
  })

  test('three wrong codes end a challenge, five in a row begin a pause for whoever has the password', async () => {
    const { email, app, accessToken, recoveryCodes } = await guarded()
    const first = await challenged(email)
    for (let tries = 0; tries < 3; tries++) expect(await answer(first, app.wrong())).toMatchObject({ status: 401, body: { code: 'WrongCode' } })
    expect(await answer(first, app.wrong())).toMatchObject({ status: 401, body: { code: 'ChallengeRefused' } })
    const second = await challenged(email)
    for (let tries = 0; tries < 2; tries++) expect(await answer(second, app.wrong())).toMatchObject({ body: { code: 'WrongCode' } })
    for (const code of [app.code(), recoveryCodes[0]!]) {
      const { status, body } = await answer(second, code)
      expect([status, body]).toMatchObject([429, { code: 'TooManyTries' }])
      expect((body as { details: { seconds: number } }).details.seconds).toBeGreaterThan(800)
    }
    expect(await own(accessToken).disable(recoveryCodes[0]!)).toMatchObject({ status: 429, body: { code: 'TooManyTries' } })
  })

  test('a repeat under the same Idempotency-Key is told so, and uses up nothing more', async () => {
    const { email, recoveryCodes, accessToken } = await guarded()
    const [challenge, key] = [await challenged(email), `answer-${people}`]
    good<Tokens>(await answer(challenge, recoveryCodes[0]!, key))
    expect(await answer(challenge, recoveryCodes[0]!, key)).toMatchObject({ status: 409, body: { code: 'answer_not_kept' } })
    expect(await own(accessToken).look()).toEqual({ on: true, recoveryCodes: 9 })
  })

  test('whoever has it may turn it off, and begin anew with another secret', async () => {
    const { email, app, secret, accessToken, recoveryCodes } = await guarded()
    const { enrol, disable, look } = own(accessToken)
    const open = await challenged(email)
    expect(await disable(app.wrong())).toMatchObject({ status: 422, body: { code: 'WrongCode' } })
    expect(await disable(app.again()), 'it confirmed').toMatchObject({ status: 422, body: { code: 'WrongCode' } })
    expect(await disable(app.code())).toMatchObject({ status: 204 })
    expect(await look()).toEqual({ on: false, recoveryCodes: 0 })
    expect(await disable(recoveryCodes[0]!)).toMatchObject({ status: 409, body: { code: 'NotOn' } })
    expect(await answer(open, recoveryCodes[0]!)).toMatchObject({ status: 401, body: { code: 'ChallengeRefused' } })
    expect(good<Tokens>(await logIn(email))).toHaveProperty('accessToken')
    expect(good<{ secret: string }>(await enrol()).secret).not.toBe(secret)
  })

  test('staff without one grants no roles, and is told what is lacking', async () => {
    const { http, shop, staff } = visit()
    const { userId } = await somebody()
    const grant = (token: string) => http('PUT', `/users/${userId}/roles`, { token, body: { roles: ['customer', 'staff'] } })
    const { email, app, userId: chief, refreshToken } = await guarded()
    await shop.call.users.grantRoles({ userId: chief, roles: ['customer', 'staff'] })
    const before = good<Tokens>(await http('POST', '/sessions/refresh', { body: { refreshToken } }))
    const refused = await grant(before.accessToken)
    expect(refused).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    expect((refused.body as { details: { why: unknown } }).details.why).toEqual({
      rule: 'role staff and second factor',
      verdict: 'fails',
      parts: [
        { rule: 'role staff', verdict: 'passes' },
        { rule: 'second factor', verdict: 'fails' },
      ],
    })
    expect((await grant(good<Tokens>(await answer(await challenged(email), app.code())).accessToken)).status).toBe(204)
    expect(await staff.users.grantRoles.result({ userId, roles: [] })).toMatchObject({ ok: false, error: { code: 'forbidden' } })
  })
}
