import { expect, test } from 'vitest'
import { decimal, thousandths } from './amount.ts'

test.each([
  ['2.55', 2550],
  ['0.001', 1],
  ['-11062.06', -11_062_060],
  ['0.0', 0],
  ['-0', 0],
  ['38970', 38_970_000],
])('%s', (text, amount) => {
  expect(thousandths(text)).toBe(amount)
})

test('amounts are written with as many decimals as they need, two at least', () => {
  expect([0, 1, 10, -1230, 9_747_747_934, 748_957_020].map(decimal)).toEqual(['0.00', '0.001', '0.01', '-1.23', '9747747.934', '748957.02'])
})

test('what is no amount is refused', () => {
  expect(() => thousandths('1.2345')).toThrow("'1.2345' is not an amount with at most three decimals")
})
