import { expect, test } from 'vitest'
import { app } from '../model/app.ts'
import { oidc, type OidcOptions } from '../model/auth.ts'
import { authMistakes } from './check-auth.ts'

const mistakes = (said: Partial<OidcOptions>) => {
  const auth = oidc({ issuer: 'https://id.example', clientId: 'shop', ...said })
  return authMistakes(app('shop', { services: {}, auth }), new Map())
}

test.each([{}, { sessions: { idle: '30m', lasting: '30m' } }, { sessions: { lasting: '10m' } }, { scopes: ['openid'] }] as const)(
  'a log-in with %j is as it should be',
  (said) => {
    expect(mistakes(said)).toEqual([])
  },
)

test.each([
  [{ scopes: ['email'] }, 'oidc asks for the scopes email; without openid there is no ID token'],
  [{ sessions: { idle: '0s' } }, "oidc has sessions.idle '0s'; it is longer than nothing"],
  [{ sessions: { lasting: 'soon' as '1s' } }, /^oidc has sessions\.lasting: .*soon/],
  [{ sessions: { idle: '2d', lasting: '12h' } }, "oidc has sessions.idle '2d', longer than sessions.lasting '12h', which ends them before"],
  [{ sessions: { idle: '2d' } }, "oidc has sessions.idle '2d', longer than sessions.lasting, which is 12h unless said and ends them before"],
] as const)('a log-in with %j is a mistake', (said, mistake) => {
  expect(mistakes(said)).toEqual([typeof mistake === 'string' ? expect.stringContaining(mistake) : expect.stringMatching(mistake)])
})
