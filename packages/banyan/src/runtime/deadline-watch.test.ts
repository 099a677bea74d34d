import { expect, test } from 'vitest'
import { Deadline } from '../kernel/deadline.ts'
import { WatchedCall } from './deadline-watch.ts'

test('what is done in time is passed on, whatever comes of it', async () => {
  const [good, bad] = [new WatchedCall(Deadline.in(10_000), 'a.b'), new WatchedCall(Deadline.in(10_000), 'a.b')]
  good.resolve(7)
  bad.reject(new Error('no'))
  await expect(good.answer).resolves.toBe(7)
  await expect(bad.answer).rejects.toThrow('no')
})

test('what is late is given up, and may have been executed', async () => {
  const call = new WatchedCall(Deadline.in(5), 'a.b')
  await expect(call.answer).rejects.toMatchObject({
    code: 'deadline_exceeded',
    executed: 'maybe',
    message: expect.stringContaining('a.b'),
  })
  call.resolve('too late')
  await expect(call.answer).rejects.toMatchObject({ code: 'deadline_exceeded' })
})

test('calls that overlap end in any order, each as it would alone', async () => {
  const late = (index: number) => index % 3 === 0
  const calls = Array.from({ length: 30 }, (_, index) => new WatchedCall(Deadline.in(late(index) ? 5 : 10_000), `call ${index}`))
  const ends = Promise.allSettled(calls.map(({ answer }) => answer))
  const order = [...calls.keys()].sort((a, b) => ((a * 7) % 30) - ((b * 7) % 30))
  for (const index of order) if (!late(index)) calls[index]!.resolve(index)
  const expected = calls.map((_, index) => (late(index) ? 'rejected' : 'fulfilled'))
  expect((await ends).map(({ status }) => status)).toEqual(expected)
  // the watch has come to rest and begins anew
  await expect(new WatchedCall(Deadline.in(5), 'later').answer).rejects.toMatchObject({ code: 'deadline_exceeded' })
})
