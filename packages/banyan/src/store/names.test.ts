import { expect, test } from 'vitest'
import type { BanyanError } from '../kernel/errors.ts'
import { literal, quoted, serviceNames } from './names.ts'

test('a service has a schema, an owner and a role of its own', () => {
  expect(serviceNames('shop', 'orders')).toEqual({ service: 'orders', schema: 'shop_orders', owner: 'shop_orders_owner', role: 'shop_orders' })
})

test.each([
  ['shop', 'Orders', /'Orders' cannot name/],
  ['shop', 'or"ders', /cannot name/],
  ['shop', '', /cannot name/],
  ['9shop', 'orders', /the app name '9shop'/],
  ['shop', 'orders_owner', /ends with _owner/],
  ['pg', 'orders', /pg_/],
  ['shop', 'o'.repeat(53), /1 bytes longer/],
])('%s and %s are refused', (app, service, message) => {
  expect(() => serviceNames(app, service)).toThrow(message)
  expect(() => serviceNames(app, service)).toThrow(expect.objectContaining({ code: 'invalid_configuration' }) as BanyanError)
})

test('the longest name that fits is accepted', () => {
  expect(serviceNames('shop', 'o'.repeat(52)).owner).toHaveLength(63)
})

test('quotes end neither identifiers nor literals', () => {
  expect(quoted('a"b')).toBe('"a""b"')
  expect(literal("it's")).toBe("'it''s'")
  expect(literal("back\\slash's")).toBe("E'back\\\\slash''s'")
})
