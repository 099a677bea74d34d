import { expect, test } from 'vitest'
import { ServerNames } from './server-names.ts'

test.each([
  ['www.example.com', 'exact'],
  ['WWW.Example.COM', 'exact'],
  ['api.example.com', 'wild'],
  ['example.com', undefined],
  ['a.b.example.com', undefined],
  ['.example.com', undefined],
  ['*.example.com', 'wild'],
  ['*.www.example.com', undefined],
  ['example.org', undefined],
  ['localhost', undefined],
  ['', undefined],
])('%s is %s', (name, found) => {
  const names = new ServerNames<string>()
  names.add('*.Example.com', 'wild')
  names.add('www.example.com', 'exact')
  expect(names.find(name)).toBe(found)
})

test('the first to take a name keeps it', () => {
  const names = new ServerNames<number>()
  expect(names.add('a.example', 1)).toBeUndefined()
  expect(names.add('A.example', 2)).toBe(1)
  expect(names.find('a.example')).toBe(1)
})
