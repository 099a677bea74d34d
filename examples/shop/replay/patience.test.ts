import { expect, test } from 'vitest'
import { Patience } from './patience.ts'

test('what is there at once is not waited for', async () => {
  const patience = new Patience(new AbortController().signal)
  expect(await patience.until(async () => 'there')).toBe('there')
  expect(patience.firstMs).toBe(0)
})

test('it looks until there is something', async () => {
  const patience = new Patience(new AbortController().signal)
  let looks = 0
  expect(await patience.until(async () => (++looks < 4 ? undefined : looks))).toBe(4)
})

test('the longer things take, the later it looks first, a second at most', () => {
  const patience = new Patience(new AbortController().signal)
  for (let times = 0; times < 100; times++) patience.took(400)
  expect(Math.round(patience.firstMs)).toBe(100)
  for (let times = 0; times < 100; times++) patience.took(60_000)
  expect(patience.firstMs).toBe(1_000)
  for (let times = 0; times < 200; times++) patience.took(1)
  expect(patience.firstMs).toBe(0)
})

test('it gives up when it is stopped', async () => {
  const stop = new AbortController()
  const looked = new Patience(stop.signal).until(async () => {
    stop.abort()
    return undefined
  })
  await expect(looked).rejects.toMatchObject({ name: 'AbortError' })
})
