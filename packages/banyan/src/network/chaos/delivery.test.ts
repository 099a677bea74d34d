import { expect, test } from 'vitest'
import { envelope, operation } from '../../../test/http/peers.ts'
import { BanyanError } from '../../kernel/errors.ts'
import type { Envelope } from '../envelope.ts'
import { twice, type Delivery } from './delivery.ts'

/** A command that does in turn what is said, each time after it has written something. */
function doing(...answers: readonly (() => unknown)[]): Delivery & { readonly delivered: () => number } {
  let delivered = 0
  return {
    operation: operation('secretly'),
    input: { n: 1 },
    envelope: envelope(),
    delivered: () => delivered,
    unit: {
      async call(_operation, _input, { session }: Envelope) {
        session.note('orders', [{ partition: 1, position: ++delivered }])
        return answers[delivered - 1]!()
      },
      feed: async () => undefined,
      [Symbol.asyncDispose]: async () => undefined,
    },
  }
}
const answer = (n: number) => () => ({ n })
const fail = (code: BanyanError['code']) => () => {
  throw new BanyanError(code, `it is ${code}`)
}

test.each(['in turn', 'at once'] as const)('%s, both have to answer the same', async (manner) => {
  expect((await twice(doing(answer(1), answer(1)), manner)).value).toEqual({ n: 1 })
  await expect(twice(doing(answer(1), answer(2)), manner)).rejects.toThrow(
    /orders.secretly was delivered twice under the key .*; it answered {"n":1}, then {"n":2}/,
  )
  await expect(twice(doing(answer(1), fail('forbidden')), manner)).rejects.toThrow(/then it is forbidden/)
})

test.each(['in turn', 'at once'] as const)('%s, a second that may be repeated or whose answer is secret contradicts nothing', async (manner) => {
  expect((await twice(doing(answer(1), fail('overloaded')), manner)).value).toEqual({ n: 1 })
  expect((await twice(doing(answer(1), fail('answer_not_kept')), manner)).value).toEqual({ n: 1 })
})

test('what is refused is not delivered again in turn', async () => {
  const refusing = doing(fail('forbidden'), answer(1))
  await expect(twice(refusing, 'in turn')).rejects.toMatchObject({ code: 'forbidden' })
  expect(refusing.delivered()).toBe(1)
})

test('of two at once the one that got through is answered', async () => {
  expect((await twice(doing(fail('answer_not_kept'), answer(1)), 'at once')).value).toEqual({ n: 1 })
  await expect(twice(doing(fail('answer_not_kept'), fail('unauthenticated')), 'at once')).rejects.toMatchObject({ code: 'unauthenticated' })
})
