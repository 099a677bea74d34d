import { expect, test } from 'vitest'
import { env } from '../model/setting.ts'
import { checkSecrets } from './check-secrets.ts'

const services = new Map([
  ['users', { secrets: [env('FIELD_KEYS', 'k:readable')] }],
  ['payments', { secrets: [env('WEBHOOK_SECRET', 'readable'), env('CARD_KEY')] }],
  ['catalog', { secrets: [] }],
])
const check = (development: boolean, variables: Record<string, string>) => () => checkSecrets({ services, development, variables })

test('what is set to values of its own may start anywhere', () => {
  const variables = { FIELD_KEYS: 'k:own', WEBHOOK_SECRET: 'own', CARD_KEY: 'own' }
  for (const development of [true, false]) expect(check(development, variables)).not.toThrow()
})

test('outside development no value will do that stands in the code, and all are told at once', () => {
  expect(check(false, { WEBHOOK_SECRET: 'readable', CARD_KEY: '' })).toThrow(
    "FIELD_KEYS of service 'users' is not set; WEBHOOK_SECRET of service 'payments' is the value for development; CARD_KEY of service 'payments' is empty; set a value of your own",
  )
})

test('in development only what the code has nothing for must be set, and nothing is empty', () => {
  expect(check(true, { CARD_KEY: 'x' })).not.toThrow()
  expect(check(true, {})).toThrow(/^CARD_KEY of service 'payments' is not set; set it$/)
  expect(check(true, { CARD_KEY: 'x', FIELD_KEYS: '' })).toThrow(/^FIELD_KEYS of service 'users' is empty; set it$/)
})

test('a secret stands in no message', () => {
  expect(check(false, { FIELD_KEYS: 'k:readable', WEBHOOK_SECRET: 'own', CARD_KEY: 'own' })).toThrow(/^(?!.*readable).*FIELD_KEYS/)
})
