import { expect, test } from 'vitest'
import { checked, serve, type Invoke } from '../../test/http/fixture.ts'
import { envelope, operation, tokens, wireAt } from '../../test/http/peers.ts'
import { opened } from '../../test/http/stack.ts'
import { roundRobin } from './balance/balancer.ts'
import { wayTo, type Way } from './way.ts'

const keep = opened()
const secretly = operation('secretly')

/** A unit that takes so many calls at once. */
async function unit(invoke: Invoke, inFlight: number): Promise<string> {
  return keep(await serve(invoke, { peer: { verify: tokens.verify }, limits: { inFlight } })).url
}

function way(...urls: string[]): Way {
  return keep(
    wayTo({
      unit: 'sales',
      policies: { balancer: roundRobin() },
      watch(changed) {
        changed(urls.map((id) => ({ id })))
        return { [Symbol.dispose]: () => undefined }
      },
      connect: ({ id }) => wireAt(id),
    }),
  )
}

/** Answers its first call only when told, all others at once. */
function holding(): { readonly invoke: Invoke; readonly begun: Promise<void>; readonly count: number; release(): void } {
  const [begun, told] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let count = 0
  return {
    invoke: checked(async (_operation, input) => {
      begun.resolve()
      if (count++ === 0) await told.promise
      return input
    }),
    begun: begun.promise,
    get count() {
      return count
    },
    release: told.resolve,
  }
}

test('what one instance turns away for want of a place goes to another, once', async () => {
  const busy = holding()
  const idle = checked((_operation, input) => input)
  const to = way(await unit(busy.invoke, 1), await unit(idle, 10))
  const first = to.call(secretly, { n: 1 }, envelope())
  await busy.begun
  expect(await Promise.all([2, 3, 4, 5].map((n) => to.call(secretly, { n }, envelope())))).toEqual([2, 3, 4, 5].map((n) => ({ n })))
  expect(busy.count).toBe(1)
  busy.release()
  await first
})

test('where nobody has a place it is refused, and nothing of it is executed', async () => {
  const busy = [holding(), holding()]
  const to = way(...(await Promise.all(busy.map(({ invoke }) => unit(invoke, 1)))))
  const held = [to.call(secretly, { n: 1 }, envelope()), to.call(secretly, { n: 2 }, envelope())]
  await Promise.all(busy.map(({ begun }) => begun))
  await expect(to.call(secretly, { n: 3 }, envelope())).rejects.toMatchObject({ code: 'overloaded', executed: 'no' })
  expect(to.status().repeats).toBe(1)
  busy.forEach(({ release }) => release())
  await Promise.all(held)
  expect(busy.map(({ count }) => count)).toEqual([1, 1])
})

test('a unit that passes on what it was told further on is not asked at another instance', async () => {
  const full = holding()
  const further = way(await unit(full.invoke, 1))
  const held = further.call(secretly, { n: 1 }, envelope())
  await full.begun
  let asked = 0
  const passing = checked((_operation, input, { deadline }) => {
    asked++
    return further.call(secretly, input, envelope({ deadline }))
  })
  const to = way(await unit(passing, 10), await unit(passing, 10))
  await expect(to.call(secretly, { n: 2 }, envelope())).rejects.toMatchObject({ code: 'overloaded' })
  expect(asked).toBe(1)
  full.release()
  await held
})
