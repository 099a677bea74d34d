import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LineRefusal } from '../orders/invoice-document.ts'
import type { Balance } from '../terminal/balance.ts'
import { readArguments } from './arguments.ts'
import { csvOf, generate } from './generate.ts'
import { plainFigures } from './plain-figures.ts'
import { ABSENT, realData } from './real-data.ts'
import { replay } from './replay.ts'

interface Result {
  readonly exact: boolean
  readonly kills: number
  readonly balances: readonly Balance[]
  readonly refused: Readonly<Record<string, number>>
}

const INVOICES = 150
/** Nothing is timed here. What is killed takes seconds to come back, and many where other tests have the processors. */
const PATIENCE_MS = 15 * 60_000
let directory = ''
/** What it comes to where nothing disturbs it. */
let undisturbed: Result

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'shop-replay-'))
  // PostgreSQL may run as another user, who has to get there
  await chmod(directory, 0o755)
  const rows = [...generate(INVOICES, 1)]
  await writeFile(join(directory, 'orders.csv'), csvOf(rows))
  await writeFile(join(directory, 'orders.expected.json'), JSON.stringify(plainFigures(rows)))
  undisturbed = await run([...made, 'undisturbed'])
}, PATIENCE_MS)
afterAll(() => rm(directory, { recursive: true, force: true }))

const made = ['orders.csv', '--check', 'orders.expected.json', '--directory']

/** What a replay says in the end. */
async function run(words: readonly string[], stop: AbortSignal = new AbortController().signal): Promise<Result> {
  const lines: string[] = []
  const out = new Writable({
    write(chunk, _encoding, done) {
      lines.push(...String(chunk).trim().split('\n'))
      done()
    },
  }) as NodeJS.WriteStream
  await replay(readArguments([...words, '--json'], directory), out, stop)
  return JSON.parse(lines.at(-1)!) as Result
}
const faults = ({ balances }: Result) => balances.flatMap((balance) => balance.faults.map((fault) => `${balance.what}: ${fault}`))

describe('made-up invoices', { timeout: PATIENCE_MS }, () => {
  test('every line is received, and accepted or refused; the books of all services agree', () => {
    expect(faults(undisturbed)).toEqual([])
    expect(Object.keys(undisturbed.refused)).toEqual(expect.arrayContaining([...LineRefusal.options, 'sold out', 'declined']))
  })

  test('in two processes, stopped on the way and gone on with: the same', async () => {
    const split = [...made, 'split', '--topology', 'split']
    const entries = async () => (await readFile(join(directory, 'split', 'replay.jsonl'), 'utf8').catch(() => '')).split('\n').length
    const stop = new AbortController()
    const first = run(split, stop.signal).catch((error: unknown) => error)
    await expect.poll(entries, { timeout: PATIENCE_MS }).toBeGreaterThan(INVOICES / 2)
    stop.abort()
    expect(await first).toMatchObject({ name: 'AbortError' })
    const again = await run(split)
    expect(faults(again)).toEqual([])
    expect([again.refused, figuresOf(again)]).toEqual([undisturbed.refused, figuresOf(undisturbed)])
  })

  test('killed again and again: the same', async () => {
    const killed = await run([...made, 'killed', '--kill'])
    expect(faults(killed)).toEqual([])
    expect(killed.kills).toBeGreaterThan(3)
    expect([killed.refused, figuresOf(killed)]).toEqual([undisturbed.refused, figuresOf(undisturbed)])
  })
})

function figuresOf({ balances }: Result): string[] {
  return balances.map(({ what, one, other }) => `${what}: ${one} = ${other}`)
}

test('a part of the real shop’s first day', { timeout: PATIENCE_MS }, async ({ skip }) => {
  const data = realData()
  skip(data === undefined, ABSENT)
  const result = await run([join(data!, 'online-retail-2010-12-01.csv'), '--limit', '60', '--directory', 'real'])
  expect(faults(result)).toEqual([])
})
