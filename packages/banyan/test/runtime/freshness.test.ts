import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { anyone, app, command, contract, event, implement, postgres, query } from '../../src/index.ts'
import { silentLog } from '../../src/observe/log.ts'
import type { RunningApp } from '../../src/testing/runner.ts'
import { runners } from '../../src/testing/runners.ts'

const Text = z.object({ text: z.string() })
const Texts = z.array(z.string())
const journal = contract('journal', {
  write: command({ input: Text }),
  mine: query({ output: Texts }),
  all: query({ output: Texts, consistency: 'strong' }),
  some: query({ output: Texts, consistency: 'eventual' }),
  Written: event(Text),
})
const reader = contract('reader', {})

const journalParts = implement(journal, { store: postgres<{ entry: { text: string } }>({ migrations: import.meta.resolve('./journal') }) })
/** Before it applies anything, the projection waits for this. */
let gate = Promise.withResolvers<void>()
const read = async (_input: unknown, { query: sql }: { query: (text: string) => Promise<unknown[]> }) =>
  ((await sql('select text from entry order by text')) as { text: string }[]).map(({ text }) => text)
const journalService = journalParts.service({
  handlers: {
    write: ({ text }, { transact }) => transact((tx) => tx.emit(journal.Written({ text }), { key: 'the journal' })),
    mine: read,
    all: read,
    some: read,
  },
  policies: { write: { access: anyone() }, mine: { access: anyone() }, all: { access: anyone() }, some: { access: anyone() } },
  projections: [
    journalParts.projection('entry', { version: 1 }, (on) => [
      on(journal.Written, async ({ text }, { query: sql }) => {
        await gate.promise
        await sql('insert into entry (text) values ($1)', [text])
      }),
    ]),
  ],
})

/** What a reaction was answered when it asked for the list that its event is in. */
const seen = new Map<string, readonly string[]>()
const readerParts = implement(reader, { uses: { journal } })
const readerService = readerParts.service({
  handlers: {},
  reactions: [
    readerParts.on(journal.Written, async ({ text }, { call }) => {
      seen.set(text, await call.journal.mine())
    }),
  ],
})

const press = app('press', { services: { journal: async () => ({ default: journalService }), reader: async () => ({ default: readerService }) } })

describe.each(runners)('under $name', (runner) => {
  let running: RunningApp<{ journal: typeof journal; reader: typeof reader }>
  beforeAll(async () => {
    gate = Promise.withResolvers()
    seen.clear()
    running = await runner.start(press, { log: silentLog })
  })
  afterAll(async () => {
    gate.resolve()
    await running[Symbol.asyncDispose]()
  })

  test('a strong query has seen all that was committed before it; a session what it wrote itself; an eventual one waits for nothing', async () => {
    const [ada, bo] = [running.as({ subject: 'ada' }), running.as({ subject: 'bo' })]
    await ada.journal.write({ text: 'one' })
    expect([await ada.journal.some(), await bo.journal.mine()]).toEqual([[], []])
    const [strong, session] = [bo.journal.all(), ada.journal.mine()]
    gate.resolve()
    expect(await strong).toEqual(['one'])
    expect(await session).toEqual(['one'])
  })

  test('what a reaction asks is answered with its event seen', async () => {
    gate = Promise.withResolvers()
    await running.call.journal.write({ text: 'two' })
    expect(seen.has('two')).toBe(false)
    gate.resolve()
    await expect.poll(() => seen.get('two')).toEqual(['one', 'two'])
  })
})
