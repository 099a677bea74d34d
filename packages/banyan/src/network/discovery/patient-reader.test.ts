import { expect, test } from 'vitest'
import { systemClock } from '../../kernel/clock.ts'
import { patientReader } from './patient-reader.ts'
import type { Instance } from './registry.ts'

const one: Instance = { id: 'one', unit: 'orders', url: 'http://10.0.0.7:3000' }
const two: Instance = { id: 'two', unit: 'orders', url: 'http://10.0.0.8:3000' }

function fixture() {
  const state = { now: 0, living: [one, two] as readonly Instance[] }
  const reader = patientReader(
    async (_units, tag) => {
      const found = state.living.map(({ id }) => id).join()
      return found === tag ? { tag } : { tag: found, instances: state.living }
    },
    { patienceMs: 10_000, clock: { ...systemClock, monotonic: () => state.now } },
  )
  const at = (ms: number, living: readonly Instance[]) => {
    Object.assign(state, { now: ms, living })
    return reader(['orders'])
  }
  return { at, reader }
}

test('a list that is as it was is not carried, and who is gone is gone', async () => {
  const { at } = fixture()
  expect(await at(0, [one, two])).toEqual([one, two])
  expect(await at(1_000, [one, two])).toBeUndefined()
  expect(await at(2_000, [one])).toEqual([one])
})

test('after a long silence those who could not renew are kept until they had time to, and no longer', async () => {
  const { at } = fixture()
  await at(0, [one, two])
  expect(await at(60_000, [])).toEqual([one, two])
  expect(await at(61_000, [two])).toEqual([two, one])
  await at(65_000, [two])
  expect(await at(69_999, [two])).toEqual([two, one])
  expect(await at(70_000, [two])).toEqual([two])
  expect(await at(71_000, [two])).toBeUndefined()
})

test('what a unit nobody watched had is not kept', async () => {
  const { at, reader } = fixture()
  await at(0, [one])
  await reader([])
  expect(await at(60_000, [two])).toEqual([two])
})
