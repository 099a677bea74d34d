import { expect, test } from 'vitest'
import { smtp } from './mailer.ts'

test.each(['mail.example:25', 'http://mail.example', ''])('%j is no address of a mail server', (url) => {
  expect(() => smtp(url)).toThrow(expect.objectContaining({ code: 'invalid_configuration', message: expect.stringContaining('smtp://mail.example:587') }))
})

test('a sender has an address', () => {
  expect(() => smtp('smtp://mail.example', 'the shop')).toThrow("MAIL_FROM is 'the shop'")
})
