/**
 * Amounts of the file are whole thousandths of its currency: its prices have up to three decimals, and sums of them stay exact far beyond
 * any shop's turnover.
 */
export function thousandths(text: string): number {
  const [, sign, whole, decimals = ''] = /^(-?)(\d+)(?:\.(\d{1,3}))?$/.exec(text) ?? []
  if (whole === undefined) throw new RangeError(`'${text}' is not an amount with at most three decimals`)
  const amount = Number(whole) * 1000 + Number(decimals.padEnd(3, '0'))
  return sign === '-' && amount !== 0 ? -amount : amount
}

/** `9747747.934`, and `748957.02` where the third decimal is none. */
export function decimal(amount: number): string {
  const digits = String(Math.abs(amount)).padStart(4, '0')
  const text = `${amount < 0 ? '-' : ''}${digits.slice(0, -3)}.${digits.slice(-3)}`
  return text.endsWith('0') ? text.slice(0, -1) : text
}
