import { expect, test } from 'vitest'
import { checkRequirements, versionText, type ServerFacts } from './requirements.ts'

const good: ServerFacts = { version: 180004, fsync: true, fullPageWrites: true, maxConnections: 100, reserved: 3, user: 'ann', superuser: false }
const wanted = { connections: 20, unsafe: false }
const check = (facts: Partial<ServerFacts>, more: Partial<typeof wanted> = {}) =>
  checkRequirements({ ...good, ...facts }, 'ann@db:5432/shop', { ...wanted, ...more })

test('a server that fits is accepted', () => {
  for (const version of [150000, 160009, 170002, 180004]) expect(() => check({ version })).not.toThrow()
  expect(() => check({}, { connections: 97 })).not.toThrow()
  expect(() => check({ fsync: false, fullPageWrites: false }, { unsafe: true })).not.toThrow()
})

test.each([
  [{ version: 140012 }, 'database_version', 'ann@db:5432/shop runs PostgreSQL 14.12, and 15 to 18 is needed'],
  [{ version: 190000 }, 'database_version', 'PostgreSQL 19.0'],
  [{ fsync: false }, 'database_unsafe', 'with fsync off'],
  [{ fsync: false, fullPageWrites: false }, 'database_unsafe', 'with fsync and full_page_writes off'],
  [{ maxConnections: 20 }, 'database_budget', 'may use 20 connections, and ann@db:5432/shop gives 17 to ordinary users (max_connections 20 minus 3 reserved)'],
])('%o is refused with %s', (facts, code, message) => {
  expect(() => check(facts)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) as string }) as Error)
})

test('a version is told as people write it', () => {
  expect(versionText(150018)).toBe('15.18')
})
