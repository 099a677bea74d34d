import { DummyDriver, Kysely, sql, type Compilable } from 'kysely'
import { expect, test } from 'vitest'
import { postgresDialect } from './kysely-dialect.ts'
import { isPlainSelect } from './plain-select.ts'

interface Tables {
  things: { id: number; name: string; at: Date }
}

const db = new Kysely<Tables>({ dialect: postgresDialect(new DummyDriver()) })
const things = db.selectFrom('things')
const plain = (query: Compilable): boolean => isPlainSelect(query.compile().query)

test.each<[string, Compilable]>([
  ['columns', things.select(['id', 'name']).where('id', 'in', [1, 2]).orderBy('name').limit(10).offset(5)],
  ['distinct', things.select('name').distinct()],
  ['joins and subqueries', things.innerJoin('things as other', 'other.id', 'things.id').where('things.id', '=', things.select('id')).selectAll()],
  ['aggregates', things.select(({ fn }) => [fn.countAll().as('n'), fn.max('id').as('max'), fn.coalesce('name', 'name').as('name')]).groupBy('name')],
  [
    'WITH that reads',
    db
      .with('some', (q) => q.selectFrom('things').selectAll())
      .selectFrom('some')
      .selectAll(),
  ],
  ['values that look like nodes', things.selectAll().where('at', '=', { kind: 'RawNode' } as never)],
])('%s are plain', (_name, query) => {
  expect(plain(query)).toBe(true)
})

test.each<[string, Compilable]>([
  ['raw SQL', things.select(sql`1`.as('one'))],
  ['an unknown function', things.select(({ fn }) => fn('nextval', ['name']).as('n'))],
  ['an unknown aggregate', things.select(({ fn }) => fn.agg('remember', ['name']).as('n'))],
  ['a row lock', things.selectAll().forShare()],
  [
    'WITH that writes',
    db
      .with('gone', (q) => q.deleteFrom('things').returningAll())
      .selectFrom('gone')
      .selectAll(),
  ],
  ['an insert', db.insertInto('things').values({ id: 1, name: 'x', at: new Date() })],
])('%s is not', (_name, query) => {
  expect(plain(query)).toBe(false)
})
