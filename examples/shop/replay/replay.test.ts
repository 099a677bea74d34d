import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
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

const INVOICES = 250
let directory = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'shop-replay-'))
  const rows = [...generate(INVOICES, 1)]
  await writeFile(join(directory, 'orders.csv'), csvOf(rows))
  await writeFile(join(directory, 'orders.expected.json'), JSON.stringify(plainFigures(rows)))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

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
const whole = ['orders.csv', '--check', 'orders.expected.json', '--directory', 'shop']

describe('made-up invoices', { timeout: 180_000 }, () => {
  test('in one process, every line is received, and accepted or refused; the books of all services agree', async () => {
    const result = await run(whole)
    expect(faults(result)).toEqual([])
    const reasons = [
      'unknown product',
      'no price',
      'negative price',
      'fraction of a cent',
      'no quantity',
      'no customer',
      'not bought here',
      'more than was bought',
      'not goods',
    ]
    expect(Object.keys(result.refused)).toEqual(expect.arrayContaining([...reasons, 'sold out', 'declined']))
  })

  test('in two processes, stopped on the way and gone on with: the same', async () => {
    const once = await run(whole)
    const stop = new AbortController()
    const again = ['orders.csv', '--check', 'orders.expected.json', '--directory', 'other', '--topology', 'split']
    const journal = join(directory, 'other', 'replay.jsonl')
    const entries = async () => (await readFile(journal, 'utf8').catch(() => '')).split('\n').length
    const first = run(again, stop.signal).catch((error: unknown) => error)
    await expect.poll(entries, { timeout: 60_000 }).toBeGreaterThan(80)
    stop.abort()
    expect(await first).toMatchObject({ name: 'AbortError' })
    expect(await entries()).toBeLessThan(INVOICES)
    const result = await run(again)
    expect(faults(result)).toEqual([])
    expect([result.refused, figuresOf(result)]).toEqual([once.refused, figuresOf(once)])
  })

  test('killed again and again: the same', async () => {
    const once = await run(whole)
    const result = await run(['orders.csv', '--check', 'orders.expected.json', '--directory', 'other', '--kill'])
    expect(faults(result)).toEqual([])
    expect(result.kills).toBeGreaterThan(3)
    expect([result.refused, figuresOf(result)]).toEqual([once.refused, figuresOf(once)])
  })
})

/** What the books say, but for how often something was repeated or killed. */
function figuresOf({ balances }: Result): string[] {
  return balances.filter(({ what }) => !/died/.test(what)).map(({ what, one, other }) => `${what}: ${one} = ${other}`)
}

test('a part of the real shop’s first day', { timeout: 180_000 }, async ({ skip }) => {
  const data = realData()
  skip(data === undefined, ABSENT)
  const result = await run([join(data!, 'online-retail-2010-12-01.csv'), '--limit', '60', '--directory', 'shop'])
  expect(faults(result)).toEqual([])
})
