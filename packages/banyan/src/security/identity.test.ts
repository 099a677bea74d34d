import { expect, test } from 'vitest'
import { role } from '../model/access.ts'
import { Asking } from '../model/access-request.ts'
import { anonymousIdentity, identity } from './identity.ts'

test('an identity has its roles and nothing else', () => {
  const who = identity({ subject: 'u1', roles: ['customer'] })
  expect(who).toMatchObject({ subject: 'u1', roles: ['customer'], tenant: 'default' })
  expect([who.has('customer'), who.has('staff')]).toEqual([true, false])
  expect(role('staff', 'customer').decide(new Asking({ identity: who, caller: undefined }))).toBe(true)
})

test('it cannot be changed, also not through the list it was made of', () => {
  const roles = ['customer']
  const who = identity({ subject: 'u1', roles })
  roles.push('staff')
  expect(who.has('staff')).toBe(false)
  expect(() => (who.roles as string[]).push('staff')).toThrow(TypeError)
  expect(() => Object.assign(who, { subject: 'u2' })).toThrow(TypeError)
})

test('nobody is anonymous with a role', () => {
  expect(anonymousIdentity).toMatchObject({ subject: 'anonymous', roles: [], tenant: 'default' })
})
