import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { healthCheck } from './health-check.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A check whose instance answers as told; notes when it was asked and what was said of it. */
function at(first: boolean | 'never') {
  const begun = performance.now()
  const said: (string | number)[] = []
  const asked: number[] = []
  const instance = { ready: first }
  const subject = healthCheck({
    random: () => 0,
    turned: (healthy) => void said.push(healthy ? 'healthy' : 'unhealthy'),
    restored: () => void said.push('restored'),
    probe(signal) {
      asked.push(performance.now() - begun)
      if (instance.ready !== 'never') return Promise.resolve(instance.ready)
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    },
  })
  return { subject, instance, said, asked, pass: (ms: number) => vi.advanceTimersByTimeAsync(ms) }
}

test('while all is well it asks every five seconds and says nothing', async () => {
  const { asked, said, pass } = at(true)
  await pass(15_000)
  expect(asked).toEqual([5_000, 10_000, 15_000])
  expect(said).toEqual([])
})

test('after a call has failed it asks in 50 ms, then less and less often until it passes, within a second of its return', async () => {
  const { subject, instance, asked, said, pass } = at(false)
  subject.suspect()
  subject.suspect()
  await pass(3_000)
  expect(asked).toEqual([50, 150, 350, 750, 1_550, 2_550])
  expect(said).toEqual(['unhealthy'])
  instance.ready = true
  await pass(550)
  expect(said).toEqual(['unhealthy', 'healthy', 'restored'])
  await pass(5_000)
  expect(asked.slice(-2)).toEqual([3_550, 8_550])
})

test('one failed check is no reason to leave it', async () => {
  const { instance, said, pass } = at(false)
  await pass(5_000)
  instance.ready = true
  await pass(100)
  expect(said).toEqual(['restored'])
})

test('what does not answer within a second has failed', async () => {
  const { said, pass } = at('never')
  await pass(5_000 + 1_000 + 100 + 999)
  expect(said).toEqual([])
  await pass(1)
  expect(said).toEqual(['unhealthy'])
})

test('what passes while its calls fail is trusted anew once in 30 s only', async () => {
  const { subject, said, pass } = at(true)
  for (let ms = 0; ms < 20_000; ms += 100) {
    subject.suspect()
    await pass(100)
  }
  expect(said).toEqual(['restored'])
  await pass(15_000)
  expect(said).toEqual(['restored', 'restored'])
  subject.suspect()
  await pass(60)
  expect(said).toHaveLength(2)
})

test('a call that fails while it is being asked has it asked once more', async () => {
  const { subject, instance, asked, pass } = at('never')
  await pass(5_500)
  instance.ready = true
  subject.suspect()
  await pass(1_000)
  expect(asked).toEqual([5_000, 6_100])
})

test('who wants to know now is told by a check that begins after the question, of which there are ten a second at most', async () => {
  const { subject, instance, asked, said, pass } = at(false)
  const [first, second] = [subject.ask(), subject.ask()]
  await pass(0)
  expect(await Promise.all([first, second])).toEqual([false, false])
  instance.ready = true
  const third = subject.ask()
  await pass(99)
  expect(asked).toEqual([0])
  await pass(1)
  expect(await third).toBe(true)
  expect(said).toEqual(['restored'])
  instance.ready = 'never'
  await pass(5_000)
  const late = subject.ask()
  await pass(1_000 - 1)
  instance.ready = true
  await pass(1 + 100)
  expect(await late).toBe(true)
})

test('disposed of, it asks no more and leaves no timer', async () => {
  const { subject, asked, pass } = at('never')
  await pass(5_000)
  const told = subject.ask()
  subject[Symbol.dispose]()
  await pass(60_000)
  expect(asked).toHaveLength(1)
  expect(await told).toBe(false)
  expect(await subject.ask()).toBe(false)
  subject.suspect()
  expect(vi.getTimerCount()).toBe(0)
})
