import { expect, test } from 'vitest'
import { decoy, hashed, isOutdated, matches } from './password.ts'

test('a password matches its own hash only, which is another every time', async () => {
  const [first, second] = [await hashed('correct horse battery'), await hashed('correct horse battery')]
  expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
  expect(second).not.toBe(first)
  expect(await matches('correct horse battery', first)).toBe(true)
  expect(await matches('correct horse batterz', first)).toBe(false)
  expect(isOutdated(first)).toBe(false)
})

test('what the reference implementation hashed is understood, and due to be hashed anew', async () => {
  const reference = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
  expect(await matches('password', reference)).toBe(true)
  expect(await matches('passwort', reference)).toBe(false)
  expect(isOutdated(reference)).toBe(true)
})

test('the same characters in another encoding are the same password', async () => {
  expect(await matches('cafe\u0301 au lait noir', await hashed('caf\u00e9 au lait noir'))).toBe(true)
})

test('nothing matches the decoy, which costs what a password costs', async () => {
  expect(await matches('', decoy)).toBe(false)
  expect(isOutdated(decoy)).toBe(false)
})

test('what is no hash is not taken for one', async () => {
  await expect(matches('password', 'password')).rejects.toThrow('no PHC string')
})
