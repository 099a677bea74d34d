import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { checksum, readMigrations } from './migration.ts'

async function directory(files: Readonly<Record<string, string>>): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'banyan-migrations-'))
  onTestFinished(() => rm(path, { recursive: true }))
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(path, name), text)))
  return path
}

test('files are read in the order of their numbers; others are left alone', async () => {
  const path = await directory({ '0002_more-things.sql': 'b', '0001_things.sql': 'a', 'README.md': 'x' })
  expect(await readMigrations(path, 'own')).toEqual({
    name: 'own',
    migrations: [
      { id: 1, name: 'things', sql: 'a', file: join(path, '0001_things.sql') },
      { id: 2, name: 'more-things', sql: 'b', file: join(path, '0002_more-things.sql') },
    ],
  })
})

test('every mistake is named at once', async () => {
  const path = await directory({ '0001_a.sql': '', '0001_b.sql': '', '0004_c.sql': '', 'five.sql': '', '6_d.sql': '' })
  await expect(readMigrations(path, 'own')).rejects.toMatchObject({
    code: 'invalid_configuration',
    details: {
      mistakes: [
        '6_d.sql is not named NNNN_name.sql (as in 0001_orders.sql)',
        'five.sql is not named NNNN_name.sql (as in 0001_orders.sql)',
        '0001_b.sql repeats number 1',
        '0004_c.sql has number 4 where 2 was due',
      ],
    },
  })
})

test('numbers begin with 1', async () => {
  await expect(readMigrations(await directory({ '0000_a.sql': '' }), 'own')).rejects.toThrow('0000_a.sql has number 0 where 1 was due')
})

test('a directory that is not there is named', async () => {
  await expect(readMigrations('/nowhere/migrations', 'own')).rejects.toMatchObject({
    code: 'invalid_configuration',
    message: expect.stringContaining('/nowhere/migrations') as string,
  })
})

const sumOf = (sql: string) => checksum({ id: 1, name: 'a', sql })

test('line ends do not change a migration, anything else does', () => {
  expect(sumOf('a\r\nb')).toBe(sumOf('a\nb'))
  expect(sumOf('a\nb ')).not.toBe(sumOf('a\nb'))
})
