import type { Balance } from '../terminal/balance.ts'
import { decimal } from './amount.ts'
import type { MonthFigures, SomeFigures } from './figures.ts'

/** Figures, and whose they are. What somebody does not say is not compared. */
export interface Said {
  readonly by: string
  readonly figures: SomeFigures
}

const totals = ['lines', 'invoices', 'sales', 'credits', 'customers', 'codes', 'quantity', 'amount', 'first', 'last'] as const
const monthly = ['lines', 'invoices', 'sales', 'credits', 'customers', 'quantity', 'amount'] as const

/** Holds figures of two against each other, to the thousandth: totals, months, countries, the largest customers and products. */
export function compareFigures(one: Said, other: Said): Balance[] {
  return [compareTotals(one, other), compareMonths(one, other), compareCountries(one, other), ...compareTops(one, other)]
}

function compareTotals(one: Said, other: Said): Balance {
  const shared = totals.filter((key) => one.figures[key] !== undefined && other.figures[key] !== undefined)
  const shown = (of: Said) => `${of.figures.lines ?? '?'} lines, ${of.figures.amount === undefined ? '?' : decimal(of.figures.amount)}`
  return {
    what: `${shared.length} totals`,
    one: `${shown(one)} ${one.by}`,
    other: `${shown(other)} ${other.by}`,
    faults: shared.filter((key) => one.figures[key] !== other.figures[key]).map((key) => differs(key, [one, one.figures[key]!], [other, other.figures[key]!])),
  }
}

function compareMonths(one: Said, other: Said): Balance {
  const [mine, theirs] = [one.figures.months ?? new Map<string, Partial<MonthFigures>>(), other.figures.months ?? new Map<string, Partial<MonthFigures>>()]
  const faults = everyKey(mine, theirs).flatMap((month) =>
    monthly
      .map((key) => [key, mine.get(month)?.[key], theirs.get(month)?.[key]] as const)
      .filter(([, a, b]) => a !== b && ((a !== undefined && b !== undefined) || !mine.has(month) || !theirs.has(month)))
      .map(([key, a, b]) => differs(`${key} of ${month}`, [one, a], [other, b])),
  )
  const shared = monthly.filter((key) => [...mine.values()].some((of) => of[key] !== undefined) && [...theirs.values()].some((of) => of[key] !== undefined))
  return { what: `months: ${shared.join(', ')}`, one: `${mine.size} months ${one.by}`, other: `${theirs.size} ${other.by}`, faults }
}

function compareCountries(one: Said, other: Said): Balance {
  const [mine, theirs] = [one.figures.countries ?? new Map<string, number>(), other.figures.countries ?? new Map<string, number>()]
  const faults = everyKey(mine, theirs)
    .filter((country) => mine.get(country) !== theirs.get(country))
    .map((country) => differs(`amount of ${country}`, [one, mine.get(country)], [other, theirs.get(country)]))
  return { what: 'countries: amount', one: `${mine.size} countries ${one.by}`, other: `${theirs.size} ${other.by}`, faults }
}

function compareTops(one: Said, other: Said): Balance[] {
  const tops = [
    ['customers', 'topCustomers', decimal],
    ['products', 'topProducts', String],
  ] as const
  return tops.map(([what, key, shown]) => {
    const [mine, theirs] = [one.figures[key] ?? [], other.figures[key] ?? []]
    const first = (top: typeof mine) => (top[0] ? `${top[0][0]}: ${shown(top[0][1])}` : 'nobody')
    const faults = Array.from({ length: Math.max(mine.length, theirs.length) }, (_, place) => [place, mine[place], theirs[place]] as const)
      .filter(([, a, b]) => a?.[0] !== b?.[0] || a?.[1] !== b?.[1])
      .map(([place, a, b]) => `place ${place + 1}: ${a?.join(' with ') ?? 'nobody'} ${one.by}, ${b?.join(' with ') ?? 'nobody'} ${other.by}`)
    return { what: `top ${mine.length} ${what}`, one: `${first(mine)} ${one.by}`, other: `${first(theirs)} ${other.by}`, faults }
  })
}

type Value = string | number | undefined

function differs(what: string, [one, a]: [Said, Value], [other, b]: [Said, Value]): string {
  const shown = (value: Value) => (value === undefined ? 'none' : what.startsWith('amount') && typeof value === 'number' ? decimal(value) : String(value))
  return `${what}: ${shown(a)} ${one.by}, ${shown(b)} ${other.by}`
}

function everyKey(one: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>): string[] {
  return [...new Set([...one.keys(), ...other.keys()])]
}
