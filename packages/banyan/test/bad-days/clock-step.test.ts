import { afterAll, beforeAll, expect, test } from 'vitest'
import { Line, type First } from './line.ts'
import { load } from './load.ts'

const HOUR = 3_600_000
const CALLS = 60

let line: Line
let first: First
beforeAll(async () => {
  line = await Line.open({ lasts: 1 })
  first = await line.first()
})
afterAll(() => line?.[Symbol.asyncDispose]())

let people = 0
/** On behalf of somebody new each time, so that no token is known yet, neither to those who issue it nor to those who verify it. */
const newcomer = () => first.as({ subject: `somebody ${++people}` })

// in the middle it is called by one whose clock is right, and calls one whose clock is
test.each([HOUR, -HOUR, 0])('while the clock of the middle unit is %i ms ahead, nothing expires and nothing is done twice', async (aheadMs) => {
  const before = await first.call.last.total({})
  const known = newcomer()
  await known.middle.ask({})
  await line.middle.tell({ aheadMs })
  await known.middle.ask({})
  expect((await load(() => newcomer().middle.ask({}), { calls: CALLS, flight: 8 })).failed).toEqual({})
  expect((await load(() => newcomer().middle.add({}), { calls: CALLS, flight: 8 })).failed).toEqual({})
  expect(await first.call.last.total({})).toBe(before + CALLS)
})

test.each([HOUR, -HOUR, 0])('nor while that of the last one is %i ms ahead, which keeps the log', async (aheadMs) => {
  await line.lasts[0]!.tell({ aheadMs })
  const before = await first.call.last.total({})
  expect((await load(() => newcomer().middle.add({}), { calls: CALLS, flight: 8 })).failed).toEqual({})
  expect(await first.call.last.total({})).toBe(before + CALLS)
})
