import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLog } from '../../src/observe/log.ts'
import { apiKeyBook, type ApiKeyBook } from '../../src/security/api-key-book.ts'
import { apiKeyVerifier } from '../../src/security/api-keys.ts'
import { newApiKey } from '../../src/security/api-key.ts'
import { authTable, makeAuthTables } from '../../src/security/auth-tables.ts'
import type { DatabaseServer } from '../../src/store/server.ts'
import { testServer } from '../../src/testing/database.ts'
import { banyan } from '../cli/memory-io.ts'

let server: DatabaseServer
let book: ApiKeyBook
/** The time of those who verify; the database's own goes on by itself. */
let monotonic = 0

beforeAll(async () => {
  server = await testServer()
  await Promise.all([1, 2, 3].map(() => makeAuthTables(server.admin, server.app)))
  book = apiKeyBook({ app: server.app, prefix: 'club', sql: server.admin })
})
afterAll(() => server[Symbol.asyncDispose]())

const verifier = () => apiKeyVerifier({ app: server.app, prefix: 'club', sql: server.admin, clock: { monotonic: () => monotonic } })
const reason = async (work: () => unknown) => {
  try {
    await work()
    return 'good'
  } catch (error) {
    return (error as { details: { reason: string } }).details.reason
  }
}
const inPast = (id: string, column: 'ends' | 'previous_ends' | 'used') =>
  server.admin.query(`update ${authTable(server.app, 'api_key')} set ${column} = clock_timestamp() - interval '1 hour' where id = $1`, [id])

describe('an API key', () => {
  test('says who shows it, at once the second time', async () => {
    const keys = verifier()
    const { id, text } = await book.create({ name: 'import', scopes: ['books:read'], tenant: 't1' })
    const who = await keys.verify(text)
    expect(who).toMatchObject({ subject: `key:${id}`, scopes: ['books:read'], roles: [], tenant: 't1' })
    expect(keys.verify(text)).toBe(who)
  })

  test('has roles only where it was given some, also after it is rotated', async () => {
    const { id } = await book.create({ name: 'librarian', scopes: ['books:read'], roles: ['librarian'] })
    const { text } = await book.rotate(id)
    expect(await verifier().verify(text)).toMatchObject({ scopes: ['books:read'], roles: ['librarian'] })
  })

  test('of a table from before keys had roles has none', async () => {
    const { text } = await book.create({ name: 'old', scopes: ['books:read'] })
    await server.admin.query(`alter table ${authTable(server.app, 'api_key')} drop column roles`)
    await Promise.all([1, 2, 3].map(() => makeAuthTables(server.admin, server.app)))
    expect(await verifier().verify(text)).toMatchObject({ scopes: ['books:read'], roles: [] })
  })

  test('is kept as a hash only', async () => {
    const { text } = await book.create({ name: 'secret', scopes: [] })
    const { rows } = await server.admin.query<{ row: string }>(`select t::text as row from ${authTable(server.app, 'api_key')} t`)
    const secret = text.split('_')[2]!
    expect(rows.filter(({ row }) => row.includes(secret) || row.includes(secret.slice(0, 43)))).toEqual([])
  })

  test('is refused with a reason: unknown, mistyped, expired, revoked', async () => {
    const keys = verifier()
    const [short, lost] = [await book.create({ name: 'short', scopes: [], lasting: '1h' }), await book.create({ name: 'lost', scopes: [] })]
    await inPast(short.id, 'ends')
    await book.revoke(lost.id)
    expect(await reason(() => keys.verify(newApiKey('club').text))).toBe('unknown_key')
    expect(await reason(() => keys.verify(newApiKey('club', lost.id).text)), 'the id of another').toBe('unknown_key')
    expect(await reason(() => keys.verify(`${lost.text}x`))).toBe('malformed')
    expect(await reason(() => keys.verify(short.text))).toBe('expired')
    expect(await reason(() => keys.verify(lost.text))).toBe('revoked')
    await expect(book.revoke(lost.id)).rejects.toMatchObject({ code: 'not_found', message: expect.stringContaining('was revoked at') })
    await expect(book.rotate('nobody')).rejects.toMatchObject({ code: 'not_found', message: expect.stringContaining('keys list') })
  })

  test('that is revoked is refused two seconds later everywhere', async () => {
    const keys = verifier()
    const { id, text } = await book.create({ name: 'revoked', scopes: [] })
    await keys.verify(text)
    await book.revoke(id)
    monotonic += 1_999
    expect(await reason(() => keys.verify(text))).toBe('good')
    monotonic += 1
    expect(await reason(() => keys.verify(text))).toBe('revoked')
  })

  test('has two secrets while it is rotated, never three', async () => {
    const keys = verifier()
    const first = await book.create({ name: 'rotating', scopes: [] })
    const second = await book.rotate(first.id, '1h')
    expect([await reason(() => keys.verify(first.text)), await reason(() => keys.verify(second.text))]).toEqual(['good', 'good'])
    expect((await book.list()).find(({ id }) => id === first.id)).toMatchObject({ state: 'rotating' })
    const third = await book.rotate(first.id, '1h')
    monotonic += 2_000
    expect(await Promise.all([first, second, third].map(({ text }) => reason(() => keys.verify(text))))).toEqual(['unknown_key', 'good', 'good'])
    await inPast(first.id, 'previous_ends')
    monotonic += 2_000
    expect(await Promise.all([second, third].map(({ text }) => reason(() => keys.verify(text))))).toEqual(['unknown_key', 'good'])
  })

  test('is noted as used, once in a minute', async () => {
    const keys = verifier()
    const { id, text } = await book.create({ name: 'used', scopes: [] })
    const used = async () => (await book.list()).find((entry) => entry.id === id)!.used
    expect(await used()).toBeNull()
    await keys.verify(text)
    const first = await used()
    expect(first).toBeInstanceOf(Date)
    monotonic += 2_000
    await keys.verify(text)
    expect(await used()).toEqual(first)
    await inPast(id, 'used')
    monotonic += 2_000
    await keys.verify(text)
    expect((await used())!.getTime()).toBeGreaterThanOrEqual(first!.getTime())
  })

  test('is not in logs', () => {
    const lines: string[] = []
    const { text } = newApiKey('club')
    createLog({ level: 'debug', destination: { write: (line) => lines.push(line) } }).info(`who shows ${text} is let in`, { text, note: `got ${text}` })
    expect(lines.join('')).not.toContain(text.split('_')[2])
  })
})

describe('banyan keys', () => {
  const config = fileURLToPath(new URL('club.ts', import.meta.url))
  const run = (...argv: string[]) => banyan([...argv, '--config', config], { env: { DATABASE_URL: server.url } })

  test('makes, lists, rotates and revokes', async () => {
    process.env['CLUB'] = server.app
    const made = await run('keys', 'create', 'nightly', '--scope', 'books:read,books:write', '--role', 'librarian', '--lasting', '90d')
    expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^club_\w{12}_\w{49}\n$/), err: expect.stringContaining('not shown again') })
    const id = made.out.split('_')[1]!
    expect(await verifier().verify(made.out.trim())).toMatchObject({ scopes: ['books:read', 'books:write'], roles: ['librarian'] })
    const rotated = await run('keys', 'rotate', id, '--overlap', '0s')
    expect(await reason(() => verifier().verify(made.out.trim()))).toBe('unknown_key')
    expect(await reason(() => verifier().verify(rotated.out.trim()))).toBe('good')
    expect((await run('keys', 'list')).out).toMatch(new RegExp(`^${id} +nightly +good +books:read, books:write +librarian +default +20`, 'm'))
    expect(await run('keys', 'revoke', id)).toMatchObject({ code: 0, out: `key ${id} is revoked\n` })
    expect(JSON.parse((await run('keys', 'list', '--json')).out)).toContainEqual(expect.objectContaining({ id, state: 'revoked' }))
    expect((await run('keys', 'list')).out).not.toContain(rotated.out.trim())
  })

  test('says what is wrong', async () => {
    expect(await run('keys', 'revoke', 'nobody')).toMatchObject({ code: 1, err: expect.stringContaining("there is no API key 'nobody'") })
    expect(await run('keys', 'create', 'x', '--lasting', 'soon')).toMatchObject({
      code: 2,
      err: expect.stringContaining("--lasting: 'soon' is not a duration"),
    })
    expect(await run('keys', 'create', 'x', '--lasting', '0s')).toMatchObject({ code: 2, err: expect.stringContaining('over as soon as it is made') })
    expect(await run('keys', 'create', ' ')).toMatchObject({ code: 2, err: expect.stringContaining('a key needs a name') })
    expect(await run('keys', 'create', 'x', '--scope', ',')).toMatchObject({ code: 2, err: expect.stringContaining('--scope names one or more') })
    expect(JSON.parse((await run('keys', 'list', '--json')).out)).not.toContainEqual(expect.objectContaining({ name: 'x' }))
  })
})
