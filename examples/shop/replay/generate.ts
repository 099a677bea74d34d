import { random, type Random } from '../fleet/random.ts'
import { columns } from './sheet.ts'

/** The nine fields of a line, as the file has them. */
export type Row = readonly string[]

interface Sale {
  readonly customer: string
  readonly country: string
  readonly rows: readonly Row[]
}

const names = ['LANTERN', 'MUG, "WIDE"', 'BUNTING', 'TIN OF £5 SWEETS', 'CUSHION', 'T-LIGHT HOLDER', 'CAKE STAND', 'DOORMAT']
const colours = ['RED', 'BLUE', 'IVORY', 'GREEN', 'PINK']
const countries = ['United Kingdom', 'United Kingdom', 'United Kingdom', 'EIRE', 'France', 'Channel Islands']
const services = ['POST', 'DOT', 'M', 'm', 'D', 'C2', 'S', 'BANK CHARGES', 'AMAZONFEE', 'CRUK', 'gift_0001_20', 'PADS']
const REMEMBERED = 40

/**
 * Invoices of a shop that never was, in the form of the real file and with every kind of dirt that is in it; the seed decides everything.
 * Some credits come within the hour, some after it, and some for what nobody bought.
 */
export function* generate(invoices: number, seed: number): Generator<Row> {
  const chance = random(seed).for('the generated file')
  const sales: Sale[] = []
  let minutes = 0
  let late: Row[] = []
  for (let index = 0; index < invoices; index++) {
    // where the lines of an invoice go on behind those of the next, both are of the same minute
    if (late.length === 0) minutes += Math.floor(chance.between(1, 50))
    const rows = invoice(500_000 + index, clock(minutes), sales, chance)
    const apart = late.length === 0 && rows.length > 3 && chance.next() < 0.03 ? 2 : 0
    yield* rows.slice(0, rows.length - apart)
    yield* late
    late = apart === 0 ? [] : rows.slice(-apart)
  }
  yield* late
}

export function* csvOf(rows: Iterable<Row>): Generator<string> {
  yield `${columns.join(',')}\n`
  for (const row of rows) yield `${row.map((field) => (/[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',')}\n`
}

function invoice(number: number, at: string, sales: Sale[], chance: Random): Row[] {
  const kind = chance.next()
  if (kind < 0.03) return [[`A${number}`, '1', 'B', 'Adjust bad debt', '1', at, number % 2 === 0 ? '1062.06' : '-1062.06', '', 'United Kingdom']]
  if (kind < 0.18 && sales.length > 0) return credit(`C${number}`, at, chance.pick(sales), chance)
  const [customer, country] = [chance.next() < 0.2 ? '' : String(12_000 + Math.floor(chance.between(0, 25))), chance.pick(countries)]
  const lines = Math.floor(chance.next() < 0.04 ? chance.between(20, 60) : chance.between(1, 10))
  const later = chance.next() < 0.05 ? `${at.slice(0, -2)}59` : at
  const rows = Array.from({ length: lines }, (_, line): Row => [
    String(number),
    String(line + 1),
    ...article(chance),
    line * 2 < lines ? at : later,
    '',
    customer,
    country,
  ])
  const priced = rows.map((row) => row.with(6, priceOf(row[2]!, chance)))
  // the same line twice, but for its number
  if (chance.next() < 0.05) priced.push(priced.at(-1)!.with(1, String(lines + 1)))
  if (customer !== '') sales.push({ customer, country, rows: priced })
  if (sales.length > REMEMBERED) sales.shift()
  return priced
}

/** Takes back what was bought, or more of it, or something else; mostly from somebody who is known. */
function credit(number: string, at: string, { customer, country, rows }: Sale, chance: Random): Row[] {
  const known = chance.next() < 0.9 ? customer : ''
  const some = rows.filter(() => chance.next() < 0.6)
  return (some.length > 0 ? some : rows.slice(0, 1)).map((row, line) => {
    const bought = Math.abs(Number(row[4]))
    const quantity = chance.next() < 0.1 ? bought + 1_000 : Math.max(1, Math.floor(bought * chance.pick([1, 1, 0.5])))
    const [sku, description] = chance.next() < 0.1 ? ['M', 'Manual'] : [row[2]!, row[3]!]
    return [number, String(line + 1), sku, description, String(-quantity), at, row[6]!, known, country]
  })
}

/** Code, description and quantity of a line. */
function article(chance: Random): [string, string, string] {
  if (chance.next() < 0.05) return [chance.pick(services), 'POSTAGE AND THE LIKE', '1']
  const product = Math.floor(chance.between(0, 120) * chance.next())
  const letter = product % 5 === 0 ? chance.pick(['A', 'A', 'A', 'a']) : ''
  const code = product === 119 ? 'DCGS0003' : `${20_000 + product * 7}${letter}`
  const described = `${colours[product % colours.length]} ${names[product % names.length]}`
  const description = chance.next() < 0.03 ? '' : chance.next() < 0.05 ? 'damaged?' : described
  const quantity = Math.floor(chance.pick([chance.between(1, 6), chance.between(1, 6), chance.between(6, 48)]))
  return [code, description, String(chance.next() < 0.02 ? -quantity : quantity)]
}

/** Mostly the same for a product. */
function priceOf(code: string, chance: Random): string {
  const draw = chance.next()
  if (draw < 0.03) return '0.0'
  if (draw < 0.04) return '-3.50'
  if (draw < 0.06) return '1.255'
  const cents = 100 + ((Number(code.slice(0, 5)) || 7) % 97) * 9 + (draw < 0.2 ? 50 : 0)
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`
}

function clock(minutes: number): string {
  return new Date(Date.UTC(2010, 11, 1, 8) + minutes * 60_000).toISOString().slice(0, 19)
}
