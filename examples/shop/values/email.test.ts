import { expect, test } from 'vitest'
import { Email, normalised } from './email.ts'

test.each(['ada@example.com', ' Ada.L+tea@Example.co.uk ', "o'brien@a-b.example"])('%j is an address', (email) => {
  expect(Email.safeParse(email).success).toBe(true)
})

test.each([
  '',
  'ada',
  'ada@',
  '@example.com',
  'ada@localhost',
  'a b@example.com',
  'a@b.c,d@e.f',
  'Ada <ada@example.com>',
  'a@b.c\r\nBcc: d@e.f',
  'ä@example.com',
])('%j is none', (email) => {
  expect(Email.safeParse(email).success).toBe(false)
})

test('the same address is written the same', () => {
  expect(normalised(' Ada@Example.COM\n')).toBe('ada@example.com')
})
