import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { BanyanError } from '../kernel/errors.ts'
import { identity } from './identity.ts'
import { peerTokens, type PeerTokens } from './peer-token.ts'
import { peerVoice } from './peer-voice.ts'

const HOUR = 3_600_000
const options = { app: 'shop', secret: 'a secret that all units of the app share' }
const who = { caller: 'orders', identity: identity({ subject: 'u1' }) }
const noon = new Date('2026-11-29T12:00:00Z').getTime()

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: noon }))
afterEach(() => void vi.useRealTimers())

/** What another process, whose clock is `aheadMs` ahead, makes of a token: a refusal, or nothing. */
function refusal(there: PeerTokens, token: string, aheadMs: number): BanyanError | undefined {
  vi.setSystemTime(Date.now() + aheadMs)
  try {
    there.verify(token)
    return undefined
  } catch (error) {
    return error as BanyanError
  } finally {
    vi.setSystemTime(Date.now() - aheadMs)
  }
}

test.each([HOUR, -HOUR])('a clock that is %i ms ahead there is learnt from one refusal, and the next token is good', (ahead) => {
  const voice = peerVoice(peerTokens(options))
  const there = peerTokens(options)
  const first = voice.token(who)
  const refused = refusal(there, first, ahead)
  expect(refused).toMatchObject({ code: 'unauthenticated', executed: 'no', message: expect.stringContaining('and here it is') })
  expect(voice.refused(refused, first)).toBe(true)
  expect(refusal(there, voice.token(who), ahead)).toBeUndefined()
  expect(voice.token(who)).toBe(voice.token(who))
})

test.each([HOUR, -HOUR])('a step of %i ms here ends neither what was issued nor what was verified', (step) => {
  const [here, there] = [peerTokens(options), peerTokens(options)]
  const token = here.issue(who.caller, who.identity)
  there.verify(token)
  vi.setSystemTime(noon + step)
  expect(here.issue(who.caller, who.identity)).toBe(token)
  expect(there.verify(token)).toMatchObject({ caller: 'orders' })
})

test('only those who know the secret can tell the time, and only to the token that they were sent', () => {
  const voice = peerVoice(peerTokens(options))
  const [first, other] = [voice.token(who), voice.token({ ...who, caller: 'payments' })]
  const refused = refusal(peerTokens(options), first, HOUR)!
  expect(voice.refused(refused, other)).toBe(false)
  const clock = { ...(refused.details['clock'] as object), now: noon + 1_000 * HOUR }
  expect(voice.refused(new BanyanError('unauthenticated', 'too late', { details: { clock } }), first)).toBe(false)
  expect(voice.refused(new BanyanError('unauthenticated', 'too late', { details: { clock: {} } }), first)).toBe(false)
  expect(voice.refused(new Error('too late'), first)).toBe(false)
  const stranger = peerTokens({ ...options, secret: 'another secret of thirty-two letters' })
  const unknown = refusal(stranger, first, HOUR)!
  expect(unknown.details['clock']).toBeUndefined()
  expect(voice.refused(unknown, first)).toBe(false)
})
