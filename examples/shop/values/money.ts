import { z } from 'zod'

/** An amount of money in cents. The shop sells in euros only, and the type says so: another currency is a change of contract. */
export const Money = z.object({ amount: z.number().int(), currency: z.literal('EUR') })
export type Money = z.infer<typeof Money>

/** What something costs: more than nothing, and at most a million euros. */
export const Price = Money.extend({ amount: z.number().int().min(1).max(100_000_000) })

export function euros(cents: number): Money {
  return { amount: cents, currency: 'EUR' }
}

export function times(price: Money, quantity: number): Money {
  return euros(price.amount * quantity)
}

export function sum(amounts: readonly Money[]): Money {
  return euros(amounts.reduce((total, { amount }) => total + amount, 0))
}

/** An amount written as a decimal, as `2.55`; `undefined` where it has fractions of a cent. Exact, as numbers with a point are not. */
export function fromDecimal(text: string): Money | undefined {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.')
  if (/[1-9]/.test(fraction.slice(2))) return undefined
  const cents = Number(whole) * 100 + Number(fraction.slice(0, 2).padEnd(2, '0'))
  return euros(text.startsWith('-') && cents > 0 ? -cents : cents)
}

/** For people: `€12.50`. */
export function written({ amount }: Money): string {
  const cents = Math.abs(amount)
  return `${amount < 0 ? '-' : ''}€${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`
}
