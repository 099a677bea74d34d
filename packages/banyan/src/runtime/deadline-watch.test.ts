import { expect, test } from 'vitest'
import { Deadline } from '../kernel/deadline.ts'
import { watched } from './deadline-watch.ts'

const never = new Promise<never>(() => {})

test('what is done in time is passed on, whatever comes of it', async () => {
  await expect(watched(Promise.resolve(7), Deadline.in(10_000), 'a.b')).resolves.toBe(7)
  await expect(watched(Promise.reject(new Error('no')), Deadline.in(10_000), 'a.b')).rejects.toThrow('no')
})

test('what is late is given up, and may have been executed', async () => {
  await expect(watched(never, Deadline.in(5), 'a.b')).rejects.toMatchObject({
    code: 'deadline_exceeded',
    executed: 'maybe',
    message: expect.stringContaining('a.b'),
  })
})

test('calls that overlap end in any order, each as it would alone', async () => {
  const works = Array.from({ length: 30 }, () => Promise.withResolvers<number>())
  const late = (index: number) => index % 3 === 0
  const calls = works.map(({ promise }, index) => watched(promise, Deadline.in(late(index) ? 5 : 10_000), `call ${index}`))
  const ends = Promise.allSettled(calls)
  const order = [...works.keys()].sort((a, b) => ((a * 7) % 30) - ((b * 7) % 30))
  for (const index of order) if (!late(index)) works[index]!.resolve(index)
  const expected = works.map((_, index) => (late(index) ? 'rejected' : 'fulfilled'))
  expect((await ends).map(({ status }) => status)).toEqual(expected)
  // the watch has come to rest and begins anew
  await expect(watched(never, Deadline.in(5), 'later')).rejects.toMatchObject({ code: 'deadline_exceeded' })
})
