import { BanyanError } from 'banyan'
import { expect, test } from 'vitest'
import { euros } from '../values/money.ts'
import { simulatedProvider } from './simulated-provider.ts'

const charge = (card: string, key = 'o1') => ({ key, card, amount: euros(100) })

test('the answer follows from the card', async () => {
  const provider = simulatedProvider()
  expect(await provider.charge(charge('tok_ok'))).toMatchObject({ answer: { outcome: 'captured' }, notifies: false })
  expect(await provider.charge(charge('tok_twice'))).toMatchObject({ answer: { outcome: 'captured' }, notifies: true })
  expect(await provider.charge(charge('tok_later'))).toMatchObject({ answer: undefined })
  expect(await provider.charge(charge('tok_declined'))).toMatchObject({ answer: { outcome: 'declined', reason: 'the card has no funds' } })
  expect(await provider.charge(charge('tok_stolen'))).toMatchObject({ answer: { outcome: 'declined', reason: 'the card tok_stolen is not known' } })
})

test('the same key is the same charge, also after a restart', async () => {
  const once = await simulatedProvider().charge(charge('tok_ok'))
  expect(await simulatedProvider().charge(charge('tok_ok'))).toEqual(once)
  expect(await simulatedProvider().charge(charge('tok_ok', 'o2'))).not.toEqual(once)
})

test('tok_slow is silent twice, and the charge may have happened', async () => {
  const provider = simulatedProvider()
  for (const _attempt of [1, 2]) {
    const error: unknown = await provider.charge(charge('tok_slow')).catch((error: unknown) => error)
    expect(BanyanError.is(error, 'unavailable') && error.executed).toBe('maybe')
  }
  expect(await provider.charge(charge('tok_slow'))).toMatchObject({ answer: { outcome: 'captured' } })
})
