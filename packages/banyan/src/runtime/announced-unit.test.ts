import { expect, test } from 'vitest'
import { systemClock, type Clock } from '../kernel/clock.ts'
import { BanyanError } from '../kernel/errors.ts'
import type { Log } from '../model/context.ts'
import type { Announcement, Instance, Registry } from '../network/discovery/registry.ts'
import { announcedUnit } from './announced-unit.ts'

const instance: Instance = { id: 'stock@1', unit: 'stock', url: 'http://127.0.0.1:1' }

/** A registry that refuses as often as it is told, and a clock whose waits pass at once; both write down what is done. */
function place(refusals: readonly Error[] = []) {
  const steps: string[] = []
  const left = [...refusals]
  const announcement: Announcement = { report: () => undefined, [Symbol.asyncDispose]: async () => void steps.push('left') }
  const registry: Registry = {
    settleMs: 1_500,
    announce: async () => {
      const refusal = left.shift()
      if (refusal) throw refusal
      steps.push('announced')
      return announcement
    },
    watch: () => ({ [Symbol.dispose]: () => undefined }),
    [Symbol.asyncDispose]: async () => undefined,
  }
  const clock: Clock = {
    ...systemClock,
    async wait(ms, signal) {
      if (ms === registry.settleMs) steps.push('served on')
      await systemClock.wait(ms === 2_000 ? ms : 0, signal)
    },
  }
  const say = (message: string) => void steps.push(message.slice(0, 35))
  const log: Log = { debug: say, info: say, warn: say, error: say }
  const begin = (hasCallers = true) =>
    announcedUnit({ registry, instance, load: () => 0, leave: () => void steps.push('leaving'), hasCallers: () => hasCallers, log, clock })
  return { steps, begin }
}

test('a unit that stops leaves the registry, and serves on until callers have heard', async () => {
  const { steps, begin } = place()
  await (await begin())[Symbol.asyncDispose]()
  expect(steps).toEqual(['announced', 'leaving', 'left', 'served on'])
})

test('where nobody calls, nobody is waited for', async () => {
  const { steps, begin } = place()
  await (await begin(false))[Symbol.asyncDispose]()
  expect(steps).toEqual(['announced', 'leaving', 'left'])
})

test('a registry that is away is told when it is back, and the unit starts meanwhile', async () => {
  const away = new BanyanError('unavailable', 'Consul cannot be reached')
  const { steps, begin } = place([away, away, away])
  await using _announced = await begin()
  expect(steps).toEqual(['this unit is not in the registry yet'.slice(0, 35)])
  await expect.poll(() => steps.slice(1)).toEqual(['announced', 'this unit is in the registry now'.slice(0, 35)])
})

test('what no further try would mend is thrown', async () => {
  await expect(place([new BanyanError('database_roles', 'no schema')]).begin()).rejects.toMatchObject({ code: 'database_roles' })
})
