import { expect, test } from 'vitest'
import { envelope, operation } from '../../../test/http/peers.ts'
import type { Chaos } from '../../kernel/chaos.ts'
import type { BanyanError } from '../../kernel/errors.ts'
import { Fates } from '../../kernel/fates.ts'
import type { Envelope } from '../envelope.ts'
import type { RemoteUnit } from '../http/client.ts'
import { isLost } from '../resilience/lost.ts'
import { faultyUnit } from './faulty-unit.ts'

const command = operation('secretly')

/** A unit that answers how often it was asked, or as told. */
function counting(answer: (call: number, envelope: Envelope) => unknown = (n) => ({ n })): RemoteUnit & { readonly calls: () => number } {
  let calls = 0
  return {
    call: async (_operation, _input, sent) => answer(++calls, sent),
    feed: async () => ++calls,
    calls: () => calls,
    [Symbol.asyncDispose]: async () => undefined,
  }
}
const under = (unit: RemoteUnit, chaos: Omit<Chaos, 'seed'>, seed = 7) => faultyUnit(unit, new Fates({ seed, ...chaos }))
const failure = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => error as BanyanError,
  )

test('without rates nothing happens to a call', async () => {
  expect(await under(counting(), {}).call(command, { n: 1 }, envelope())).toEqual({ n: 1 })
})

test('what is refused was not executed, and is no loss that a way would repeat', async () => {
  const unit = counting()
  const error = await failure(under(unit, { errors: 1 }).call(command, { n: 1 }, envelope()))
  expect(error).toMatchObject({ code: 'unavailable', executed: 'no', message: expect.stringContaining('chaos with seed 7') as string })
  expect([isLost(error), unit.calls()]).toEqual([false, 0])
})

test('of what is lost nobody knows whether it was executed, and what it wrote is not heard', async () => {
  const unit = counting((n, { session }) => (session.note('orders', [{ partition: 1, position: n }]), { n }))
  const faulty = under(unit, { drops: 1 })
  const sent = Array.from({ length: 40 }, () => envelope())
  for (const one of sent) {
    const error = await failure(faulty.call(command, { n: 1 }, one))
    expect([error, isLost(error), one.session.empty]).toMatchObject([{ code: 'unavailable', executed: 'maybe' }, true, true])
  }
  expect(unit.calls()).toBeGreaterThan(5)
  expect(unit.calls()).toBeLessThan(35)
})

test('where repeats are spared, the second attempt at a call gets through', async () => {
  const faulty = under(counting(), { drops: 1, repeats: false })
  const sent = envelope()
  expect(isLost(await failure(faulty.call(command, { n: 1 }, sent)))).toBe(true)
  expect(await faulty.call(command, { n: 1 }, sent)).toBeDefined()
})

test('and a secret command loses its request only, since its answer is not kept', async () => {
  const unit = counting()
  const faulty = under(unit, { drops: 1, repeats: false })
  const secret = { ...command, facts: { ...command.facts, secret: true } }
  for (let call = 0; call < 20; call++) await failure(faulty.call(secret, { n: 1 }, envelope()))
  expect(unit.calls()).toBe(0)
})

test('a command is delivered twice under one key, a query once', async () => {
  const keys: string[] = []
  const unit = counting((_call, { key }) => void keys.push(key))
  const faulty = under(unit, { duplicates: 1 })
  const sent = envelope()
  await faulty.call(command, { n: 1 }, sent)
  await faulty.call({ ...command, kind: 'query' }, { n: 1 }, envelope())
  expect(keys).toHaveLength(3)
  expect(keys.slice(0, 2)).toEqual([sent.key, sent.key])
})

test('a feed is lost and refused as calls are', async () => {
  const { signal } = new AbortController()
  expect(await failure(under(counting(), { errors: 1 }).feed('orders', {}, signal))).toMatchObject({ code: 'unavailable' })
  expect(await failure(under(counting(), { drops: 1 }).feed('orders', {}, signal))).toMatchObject({ code: 'unavailable', executed: 'maybe' })
  expect(await under(counting(), { duplicates: 1 }).feed('orders', {}, signal)).toBe(1)
})
