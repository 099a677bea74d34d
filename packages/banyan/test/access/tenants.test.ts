import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import pg from 'pg'
import { z } from 'zod'
import { app, authenticated, command, contract, event, implement, postgres, query, start } from '../../src/index.ts'
import { silentLog } from '../../src/observe/log.ts'
import { testInstallation, type TestInstallation } from '../../src/testing/installation.ts'

const Texts = z.array(z.string())
const notes = contract('notes', {
  write: command({ input: z.object({ text: z.string() }), output: z.object({ id: z.string() }) }),
  smuggle: command({ input: z.object({ text: z.string(), tenant: z.string() }) }),
  wipe: command({ output: z.number() }),
  all: query({ output: Texts }),
  raw: query({ output: Texts }),
  viewed: query({ output: Texts }),
  counted: query({ consistency: 'strong', output: z.array(z.number()) }),
  countedTogether: query({ consistency: 'strong', output: z.array(z.number()) }),
  fails: query({ output: Texts }),
  Written: event(z.object({ id: z.string() })),
})
interface Tables {
  note: { id: string; tenant: string | undefined; text: string }
  note_count: { tenant: string | undefined; notes: number }
  everything: { text: string }
}
const parts = implement(notes, { store: postgres<Tables>({ migrations: import.meta.resolve('./tenants'), tenants: 'row-level-security' }) })
const counting = `insert into note_count (notes) values ($1) on conflict (tenant) do update set notes = note_count.notes + excluded.notes`
const open = { access: authenticated() }
const texts = (rows: readonly { text: string }[]): string[] => rows.map(({ text }) => text).sort()

// nobody here says `where tenant = …`
const notesService = parts.service({
  handlers: {
    write: ({ text }, { transact, id }) => {
      const key = id()
      return transact(async (tx) => {
        await tx.query('insert into note (id, text) values ($1, $2)', [key, text])
        tx.emit(notes.Written({ id: key }), { key })
        return { id: key }
      })
    },
    smuggle: ({ text, tenant }, { transact, id }) => {
      const key = id()
      return transact(async (tx) => void (await tx.query('insert into note (id, tenant, text) values ($1, $2, $3)', [key, tenant, text])))
    },
    wipe: (_input, { transact }) =>
      transact(async (tx) => Number((await tx.db.deleteFrom('note').where('text', 'like', 'gone%').executeTakeFirst()).numDeletedRows)),
    all: async (_input, { db }) => texts(await db.selectFrom('note').select('text').execute()),
    raw: async (_input, { query: run }) => texts(await run<{ text: string }>('select text from note')),
    viewed: async (_input, { db }) => texts(await db.selectFrom('everything').select('text').execute()),
    counted: async (_input, { db }) => (await db.selectFrom('note_count').select('notes').execute()).map(({ notes: count }) => count),
    countedTogether: async (_input, { query: run }) => (await run<{ notes: number }>('select notes from note_count')).map(({ notes: count }) => count),
    fails: async (_input, { query: run }) => texts(await run<{ text: string }>('select text from note where 1 / 0 = 1')),
  },
  policies: {
    write: open,
    smuggle: open,
    wipe: open,
    all: open,
    raw: open,
    viewed: open,
    counted: open,
    countedTogether: open,
    fails: open,
  },
  projections: [parts.projection('counts', { version: 1 }, (on) => [on.many(notes.Written, async (events, { query: run }) => run(counting, [events.length]))])],
})
const pad = app('pad', { services: { notes: async () => ({ default: notesService }) } })

const tenantsOf = ['north', 'south', "o'brien", 'back\\slash']

describe('tenants that are kept apart by row-level security', () => {
  let installation: TestInstallation
  let running: Awaited<ReturnType<typeof begin>>
  const begin = () => start(pad, { ...installation.options, log: silentLog })
  const as = (tenant: string) => running.as({ subject: 'ada', tenant }).notes
  beforeAll(async () => {
    installation = await testInstallation()
    running = await begin()
  })
  afterAll(async () => {
    await running[Symbol.asyncDispose]()
    await installation[Symbol.asyncDispose]()
  })

  test('see their own rows only, whatever is forgotten, over any connection', async () => {
    for (const tenant of tenantsOf) for (let n = 0; n < 3; n++) await as(tenant).write({ text: `${tenant} ${n}` })
    const asked = Array.from({ length: 200 }, (_, n) => {
      const tenant = tenantsOf[n % tenantsOf.length]!
      const ask = as(tenant)[(['all', 'raw', 'viewed'] as const)[n % 3]!]
      return ask().then((found) => ({ tenant, found }))
    })
    for (const { tenant, found } of await Promise.all(asked)) expect(found).toEqual([0, 1, 2].map((n) => `${tenant} ${n}`))
  })

  test('neither write rows of another nor delete them', async () => {
    expect(await as('north').smuggle.result({ text: 'x', tenant: 'south' })).toMatchObject({ ok: false, error: { code: 'internal' } })
    await as('north').write({ text: 'gone north' })
    await as('south').write({ text: 'gone south' })
    expect(await as('north').wipe()).toBe(1)
    expect(await as('south').all()).toContain('gone south')
    expect(await as('south').wipe()).toBe(1)
  })

  test('have projections of their own, also where events are applied together', async () => {
    await running.quiet()
    expect(await as('north').counted()).toEqual([4])
    expect(await as("o'brien").countedTogether()).toEqual([3])
    expect(await as('nobody').counted()).toEqual([])
  })

  test('leave nothing behind on a connection, also where a statement fails', async () => {
    await Promise.all(Array.from({ length: 40 }, () => as('north').fails.result()))
    const { name, database } = installation.options
    const client = new pg.Client({ connectionString: database })
    await client.connect()
    try {
      await client.query(`begin; set local role "${name}_notes"; set local search_path = "${name}_notes"`)
      expect((await client.query('select * from note')).rows).toEqual([])
      expect((await client.query('select banyan_tenant() as tenant')).rows).toEqual([{ tenant: null }])
      await client.query("select set_config('banyan.tenant', 'north', true); select 1")
      expect((await client.query('select * from note')).rows).toHaveLength(3)
      await client.query('rollback')
      expect((await client.query("select current_setting('banyan.tenant', true) as tenant")).rows).toEqual([{ tenant: '' }])
    } finally {
      await client.end()
    }
    expect(await as('south').all()).toEqual(['south 0', 'south 1', 'south 2'])
  })
})

test('an app whose tables let everybody in does not start, and is told what to write', async () => {
  const leaky = implement(contract('leaky', { ask: query({ output: z.number() }) }), {
    store: postgres({ migrations: import.meta.resolve('./open-tenants'), tenants: 'row-level-security' }),
  }).service({ handlers: { ask: () => 1 } })
  await using installation = await testInstallation()
  const starting = start(app('sieve', { services: { leaky: async () => ({ default: leaky as never }) } } as never), { ...installation.options, log: silentLog })
  await expect(starting).rejects.toMatchObject({
    code: 'database_tenants',
    message: expect.stringMatching(
      /alter table bare enable row level security;\n {2}alter table bare force row level security;\n {2}create policy tenant on bare using \(tenant = banyan_tenant\(\)\);\n {2}alter table lax force row level security;$/,
    ),
  })
  await expect(starting).rejects.not.toMatchObject({ message: expect.stringContaining('shared') })
})
