import { expect, test } from 'vitest'
import { RetryBudget } from './retry-budget.ts'

function at() {
  const clock = { now: 5_000 }
  return { clock, budget: new RetryBudget(() => clock.now) }
}
function spend(budget: RetryBudget): number {
  let count = 0
  while (budget.withdraw()) count++
  return count
}

test('without requests there is the reserve: ten a second, of ten seconds', () => {
  expect(spend(at().budget)).toBe(100)
})

test('five requests allow one retry more', () => {
  const { budget } = at()
  spend(budget)
  for (let i = 0; i < 4; i++) budget.deposit()
  expect(budget.withdraw()).toBe(false)
  budget.deposit()
  expect(spend(budget)).toBe(1)
})

test('what was saved or spent is forgotten after ten seconds', () => {
  const { clock, budget } = at()
  for (let i = 0; i < 500; i++) budget.deposit()
  expect(spend(budget)).toBe(200)
  clock.now += 9_999
  expect(spend(budget)).toBe(0)
  clock.now += 1_000
  expect(spend(budget)).toBe(100)
})

test('a long silence is no problem', () => {
  const { clock, budget } = at()
  spend(budget)
  clock.now += 86_400_000
  expect(spend(budget)).toBe(100)
})
