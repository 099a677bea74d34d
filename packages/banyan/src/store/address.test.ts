import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { addressOf, loginOf, urlOf } from './address.ts'

test('an address is read and told without its password', () => {
  const login = loginOf('postgres://ann:s%3Acret@db.example:5433/shop')
  expect(login).toMatchObject({ host: 'db.example', port: 5433, user: 'ann', password: 's:cret', database: 'shop' })
  expect(addressOf(login)).toBe('ann@db.example:5433/shop')
})

test.each(['postgres://ann:s%3Acret@db.example:5433/shop', 'postgresql://ann@/shop?host=%2Frun%2Fpg&port=5432', 'postgresql://ann@[::1]:5432/shop'])(
  '%s is written as it was read',
  (url) => {
    const login = loginOf(url)
    expect(loginOf(urlOf(login))).toEqual(login)
  },
)

test('a unix socket is told by its directory', () => {
  expect(addressOf(loginOf('postgresql://ann@/shop?host=%2Frun%2Fpg'))).toBe('ann@/run/pg/shop')
})

test.each(['mysql://root:topsecret@localhost/shop', 'postgres://ann:topsecret@db.example:port/shop', 'topsecret'])('%s is refused, and not repeated', (url) => {
  let thrown: unknown
  try {
    loginOf(url)
  } catch (error) {
    thrown = error
  }
  expect(thrown).toMatchObject({ code: 'invalid_configuration' })
  expect(inspect(thrown, { depth: 10, showHidden: true })).not.toContain('topsecret@')
})
