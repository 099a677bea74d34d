import { expect, test } from 'vitest'
import { sign, signed } from './signature.ts'

const answer = { orderId: 'o1', outcome: 'captured', chargeId: 'ch_1', reason: '' } as const

test('a signature fits its answer and no other', () => {
  const signature = sign(answer)
  expect(signed({ ...answer, signature })).toBe(true)
  expect(signed({ ...answer, orderId: 'o2', signature })).toBe(false)
  expect(signed({ ...answer, outcome: 'declined', signature })).toBe(false)
  expect(signed({ ...answer, signature: '' })).toBe(false)
})
