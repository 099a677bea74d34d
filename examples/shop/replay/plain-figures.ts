import type { Row } from './generate.ts'

/**
 * What rows come to, worked out once more and in another way than the replay does: all rows in memory, each figure by itself, amounts as
 * big integers. It gives what a file of expected figures holds.
 */
export function plainFigures(rows: readonly Row[]) {
  const lines = rows.map(([invoice, , code, , quantity, at, price, customer, country]) => ({
    invoice: invoice!,
    code: code!,
    pieces: Number(quantity),
    at: at!,
    amount: BigInt(quantity!) * BigInt(Math.round(Number(price) * 1000)),
    customer: customer!,
    country: country!,
  }))
  type Line = (typeof lines)[number]
  const distinct = (of: (line: Line) => string, among: readonly Line[] = lines) => new Set(among.map(of).filter(Boolean)).size
  const invoices = (sign: RegExp, among: readonly Line[]) => new Set(among.map(({ invoice }) => invoice).filter((invoice) => sign.test(invoice))).size
  const pieces = (among: readonly Line[]) => among.reduce((sum, line) => sum + line.pieces, 0)
  const money = (among: readonly Line[]) => among.reduce((sum, line) => sum + line.amount, 0n)
  const by = (of: (line: Line) => string) => [...Map.groupBy(lines, of)]
  const largest = <Value extends number | bigint>(sums: readonly [string, Value][]) =>
    sums
      .filter(([name]) => name !== '')
      .sort(([a, one], [b, other]) => (one === other ? (a < b ? -1 : 1) : one > other ? -1 : 1))
      .slice(0, 10)
  const times = lines.map(({ at }) => at).sort()
  return {
    lines: lines.length,
    invoices: distinct(({ invoice }) => invoice),
    sale_invoices: invoices(/^\d/, lines),
    cancel_invoices: invoices(/^C/, lines),
    customers: distinct(({ customer }) => customer),
    stock_codes: distinct(({ code }) => code),
    first: times[0]!,
    last: times.at(-1)!,
    quantity_sum: pieces(lines),
    amount_sum: text(money(lines)),
    months: Object.fromEntries(
      by(({ at }) => at.slice(0, 7)).map(([month, among]) => [
        month,
        {
          lines: among.length,
          sale_invoices: invoices(/^[^C]/, among),
          cancel_invoices: invoices(/^C/, among),
          customers: distinct(({ customer }) => customer, among),
          quantity: pieces(among),
          amount: text(money(among)),
        },
      ]),
    ),
    amount_by_country: Object.fromEntries(by(({ country }) => country).map(([country, among]) => [country, text(money(among))])),
    top10_customers_by_amount: largest(by(({ customer }) => customer).map(([customer, among]) => [customer, money(among)])).map(([customer, sum]) => [
      customer,
      text(sum),
    ]),
    top10_products_by_net_quantity: largest(by(({ code }) => code).map(([code, among]) => [code, pieces(among)])),
  }
}

function text(thousandths: bigint): string {
  const [sign, digits] = [thousandths < 0n ? '-' : '', String(thousandths < 0n ? -thousandths : thousandths).padStart(4, '0')]
  return `${sign}${digits.slice(0, -3)}.${digits.slice(-3)}`
}
