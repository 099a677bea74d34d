import { expect, test } from 'vitest'
import { BanyanError } from '../kernel/errors.ts'
import { declaredError } from '../model/declared-error.ts'
import { redact } from '../observe/redact.ts'
import { withheld } from './withheld.ts'

const told = (error: unknown) => JSON.stringify(redact(withheld('users.logIn', error)))

test('kind and place of a failure are told, its words are not', () => {
  const error = Object.assign(new TypeError('hunter2 is not\nhunter2 enough', { cause: 'hunter2' }), { code: '23505', detail: 'Key (password)=(hunter2)' })
  expect(told(error)).toContain('users.logIn failed: TypeError 23505, whose message is withheld')
  expect(told(error)).toContain('withheld.test.ts')
  expect(told(error)).not.toContain('hunter2')
})

test.each(['hunter2', { password: 'hunter2' }, declaredError('users', 'logIn', 'Weird', { password: 'hunter2' })])('%j is withheld as well', (thrown) => {
  expect(told(thrown)).toContain('users.logIn failed')
  expect(told(thrown)).not.toContain('hunter2')
})

test('what the framework says stays', () => {
  const error = new BanyanError('invalid_output', 'users.logIn returned what its contract does not allow: /token: expected string')
  expect(withheld('users.logIn', error)).toBe(error)
})
