import { expect, test } from 'vitest'
import { chaosText, readChaos } from './read-chaos.ts'

test('rates are read as they are written, and written as they are read', () => {
  const text = 'seed=7,latency=0.1:50ms,errors=0.02,drops=0.5,duplicates=1,shuffles=0,crashes=0.001'
  const chaos = readChaos(text)
  expect(chaos).toEqual({ seed: 7, life: 1, latency: { rate: 0.1, ms: 50 }, errors: 0.02, drops: 0.5, duplicates: 1, shuffles: 0, crashes: 0.001 })
  expect(chaosText(chaos)).toBe(text)
  expect(readChaos(' seed=7 , errors=0.5', 3)).toEqual({ seed: 7, errors: 0.5, life: 3 })
})

test('a seed alone is a little of everything but crashes, and no seed is one by chance', () => {
  const chaos = readChaos('seed=7')
  expect(chaos.drops).toBeGreaterThan(0)
  expect(chaos.crashes).toBeUndefined()
  expect(readChaos('drops=0.1')).toMatchObject({ drops: 0.1, seed: expect.any(Number) as number })
})

test.each([
  ['seven', /'seven' is not understood/],
  ['seed=7,error=0.1', /'error=0.1' is not understood/],
  ['latency=0.1', /'latency=0.1' is not understood/],
  ['latency=0.1:50', /'50' is not a duration/],
  ['errors=2', /'errors' is 2, and has to be a share from 0 to 1/],
  ['errors=some', /'errors' is NaN/],
  ['seed=1.5', /'seed' is 1.5, and has to be a whole number/],
  ['latency=0.1:2m', /'latency' is 120000 ms, and has to be at most a minute/],
])('%s is refused', (text, message) => {
  expect(() => readChaos(text)).toThrow(message)
})
