import { expect, test } from 'vitest'
import { Slots } from './slots.ts'
import { Wakeup } from './wakeup.ts'

const hour = 3_600_000

test('a wake-up ends the wait of all who wait', async () => {
  const wakeup = new Wakeup()
  const waiting = [wakeup.after(wakeup.count, hour), wakeup.after(wakeup.count, hour)]
  wakeup.wake()
  await expect(Promise.all(waiting)).resolves.toBeDefined()
})

test('a wake-up between looking and waiting is not missed', async () => {
  const wakeup = new Wakeup()
  const seen = wakeup.count
  wakeup.wake()
  await expect(wakeup.after(seen, hour)).resolves.toBeUndefined()
})

test('a wait ends by itself, and when given up', async () => {
  const wakeup = new Wakeup()
  await wakeup.after(wakeup.count, 1)
  await wakeup.after(wakeup.count, hour, AbortSignal.abort())
  const giveUp = new AbortController()
  const waiting = wakeup.after(wakeup.count, hour, giveUp.signal)
  giveUp.abort()
  await expect(waiting).resolves.toBeUndefined()
})

test('slots run so many at once, in the order they came, whether they fail or not', async () => {
  const slots = new Slots(2)
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
  const begun: number[] = []
  const running = gates.map((gate, index) =>
    slots.run(async () => {
      begun.push(index)
      await gate.promise
      if (index === 0) throw new Error('failed')
    }),
  )
  expect(begun).toEqual([0, 1])
  gates[0]!.resolve()
  await expect(running[0]).rejects.toThrow('failed')
  expect(begun).toEqual([0, 1, 2])
  for (const gate of gates) gate.resolve()
  await Promise.all(running.slice(1))
  expect(begun).toEqual([0, 1, 2, 3, 4])
})
