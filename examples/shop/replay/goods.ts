/**
 * Whether a code, in upper case, is that of goods: five digits, perhaps with letters behind them, or a number of the house's own, which
 * begins with DCGS. Everything else is postage, carriage, fees, discounts, samples, vouchers and corrections by hand (POST, DOT, C2, M, D,
 * S, B, BANK CHARGES, AMAZONFEE, CRUK, PADS, GIFT_0001_20): they are booked as lines, but nothing lies on a shelf for them.
 */
export function isGoods(code: string): boolean {
  return /^(\d{5}[A-Z]*|DCGS[A-Z0-9]+)$/.test(code)
}
