import { expect, test } from 'vitest'
import { identity } from './identity.ts'
import { inheriting, withInherited } from './inherited-roles.ts'

const tree = { admin: ['clerk', 'auditor'], clerk: ['customer'], customer: ['clerk'] }

test('a role includes what its roles include, and a circle ends', () => {
  expect(withInherited(['admin'], tree)).toEqual(['admin', 'clerk', 'auditor', 'customer'])
  expect(withInherited(['customer'], tree)).toEqual(['customer', 'clerk'])
  expect(withInherited(['guest', 'toString'], tree)).toEqual(['guest', 'toString'])
})

test('an identity keeps all else, and gives the same one every time', () => {
  const who = identity({ subject: 'ada', roles: ['clerk'], tenant: 'north', scopes: ['orders:read'], attributes: { branch: 'b1' } })
  const give = inheriting(tree)
  expect(give(who)).toMatchObject({ subject: 'ada', tenant: 'north', scopes: ['orders:read'], attributes: { branch: 'b1' } })
  expect(give(who).has('customer')).toBe(true)
  expect(give(who)).toBe(give(who))
  expect(inheriting({})(who)).toBe(who)
})
