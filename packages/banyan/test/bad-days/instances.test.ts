import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Line, type First } from './line.ts'
import { load } from './load.ts'

let line: Line
/** Has been cut off from one instance in the first test, and finds back to it in the last. */
let patient: First

beforeAll(async () => {
  line = await Line.open({ lasts: 5 })
  patient = await line.first()
})
afterEach(() => {
  for (const proxy of line.proxies) proxy.turn('forward')
})
afterAll(() => line?.[Symbol.asyncDispose]())

const asks = (first: First, deadline?: `${number}ms`) => () => first.call.last.ask({}, deadline === undefined ? {} : { deadline })
const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((total, count) => total + count, 0)

test('where bytes vanish on the way to one of five, calls end by their deadlines and the others go on', async () => {
  const healthy = await load(asks(patient), { calls: 500, flight: 10 })
  expect(healthy.failed).toEqual({})
  line.proxies[0]!.turn('stall')
  const { failed, by } = await load(asks(patient, '1500ms'), { calls: 1_000, flight: 10 })
  expect(Object.keys(failed)).toEqual(['deadline_exceeded'])
  // those that were under way, and five to be sure
  expect(sum(failed)).toBeLessThanOrEqual(15)
  expect(sum(by)).toBe(1_000 - sum(failed))
})

test('one of five that is fifty times slower gets far less than its share', async ({ annotate }) => {
  const first = await line.first()
  await Promise.all(line.lasts.map((last) => last.tell({ waitMs: 20 })))
  const healthy = await load(asks(first), { calls: 1_500, flight: 16 })
  await line.lasts[1]!.tell({ waitMs: 1_000 })
  const slow = await load(asks(first), { calls: 1_500, flight: 16 })
  await Promise.all(line.lasts.map((last) => last.tell({ waitMs: 0 })))
  await annotate(`1,500 calls, 16 at a time, 20 ms each; p99 ${healthy.p99.toFixed(0)} ms healthy, ${slow.p99.toFixed(0)} ms with one of five at 1,000 ms`)
  expect([healthy.failed, slow.failed]).toEqual([{}, {}])
  // its share would be 300; on a busy machine the others look slow now and then, though never as slow as that
  expect(slow.by['last1']).toBeLessThanOrEqual(60)
})

test('one of five that fails fast is out after five failures, and no caller notices', async () => {
  const first = await line.first()
  const proxy = line.proxies[2]!
  const before = proxy.refused
  proxy.turn('reset')
  const one = await load(asks(first), { calls: 1_000, flight: 1 })
  expect(proxy.refused - before).toBeGreaterThan(0)
  expect(proxy.refused - before).toBeLessThanOrEqual(5)
  const many = await load(asks(first), { calls: 2_000, flight: 16 })
  // those that were on their way when the fifth failed
  expect(proxy.refused - before).toBeLessThanOrEqual(5 + 16)
  expect([one.failed, many.failed]).toEqual([{}, {}])
  expect([one.by['last2'], many.by['last2']]).toEqual([undefined, undefined])
})

test('while processes restart one after the other, no call fails and nothing happens twice', async () => {
  const first = await line.first()
  const before = await first.call.last.total({})
  const stop = new AbortController()
  let added = 0
  const failures: Record<string, number>[] = []
  const adding = (async () => {
    while (!stop.signal.aborted) {
      const { calls, failed } = await load(() => first.call.last.add({}), { calls: 8, flight: 4 })
      if (sum(failed) > 0) failures.push(failed)
      added += calls
    }
  })()
  for (const index of [0, 1]) {
    await line.restart(index)
    const enough = added + 40
    await expect.poll(() => added).toBeGreaterThanOrEqual(enough)
  }
  stop.abort()
  await adding
  expect(failures).toEqual([])
  expect(await first.call.last.total({})).toBe(before + added)
})

test('where all are down, repeats are few, and they do not multiply along the chain', async () => {
  const CALLS = 1_000
  const first = await line.first()
  for (const proxy of line.proxies) proxy.turn('reset')
  const attempts = () => line.proxies.reduce((total, { refused }) => total + refused, 0)
  let before = attempts()
  // at most one repeat for five calls, and ten a second, which the budget counts over ten seconds
  const most = (seconds: number) => 1.2 * CALLS + 10 * Math.max(10, seconds)

  const one = await load(asks(first), { calls: CALLS, flight: 32 })
  expect(one.failed).toEqual({ unavailable: CALLS })
  expect(attempts() - before).toBeLessThanOrEqual(most(one.seconds))

  before = attempts()
  const handled = await line.middle.handled()
  const three = await load(() => first.call.first.ask({}), { calls: CALLS, flight: 32 })
  expect(three.failed).toEqual({ unavailable: CALLS })
  expect((await line.middle.handled()) - handled).toBe(CALLS)
  expect(attempts() - before).toBeLessThanOrEqual(most(three.seconds))
})

test('an instance that was cut off is used again once it is well', async () => {
  // its old answers count for less as time passes, and weigh less where the others have something to do
  await Promise.all(line.lasts.map((last) => last.tell({ waitMs: 20 })))
  const used = async () => (await load(asks(patient), { calls: 120, flight: 40 })).by['last0'] ?? 0
  await expect.poll(used, { interval: 500 }).toBeGreaterThan(0)
})
