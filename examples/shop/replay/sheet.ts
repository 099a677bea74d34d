import { thousandths } from './amount.ts'
import { MalformedFile, type CsvRecord } from './csv.ts'

/** A line of an invoice as the file has it. */
export interface SheetLine {
  /** Which line of the file it is. */
  readonly place: number
  readonly invoice: string
  readonly line: number
  readonly sku: string
  readonly description: string
  readonly quantity: number
  /** Local time of the shop, as written: `2010-12-01T08:26:00`. */
  readonly at: string
  /** As written: `2.55`. */
  readonly price: string
  /** The same in thousandths. */
  readonly thousandths: number
  /** Empty where nobody knows who bought. */
  readonly customer: string
  readonly country: string
}

export const columns = ['invoice_no', 'line_no', 'stock_code', 'description', 'quantity', 'invoice_date', 'unit_price', 'customer_id', 'country'] as const
type Column = (typeof columns)[number]

const forms: Readonly<Record<Column, readonly [RegExp, string]>> = {
  invoice_no: [/^.{1,20}$/, '1 to 20 characters'],
  line_no: [/^[1-9]\d{0,5}$/, 'a number from 1'],
  stock_code: [/^.{1,40}$/, '1 to 40 characters'],
  description: [/^.{0,200}$/s, 'at most 200 characters'],
  quantity: [/^-?\d{1,9}$/, 'a whole number'],
  invoice_date: [/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/, 'a time as in 2010-12-01T08:26:00'],
  unit_price: [/^-?\d{1,9}(\.\d{1,3})?$/, 'an amount with at most three decimals'],
  customer_id: [/^.{0,60}$/, 'at most 60 characters'],
  country: [/^.{0,60}$/, 'at most 60 characters'],
}

/** Reads records as lines of invoices, by a first record that names the columns, in any order. Throws `MalformedFile`. */
export class Sheet {
  readonly #places: readonly number[]

  constructor({ line, fields }: CsvRecord) {
    const unknown = fields.filter((name) => !columns.some((column) => column === name))
    const missing = columns.filter((column) => !fields.includes(column))
    const twice = fields.filter((name, index) => fields.indexOf(name) !== index)
    const problems = [
      ...(unknown.length > 0 ? [`there are columns nobody knows: ${unknown.map((name) => `'${name}'`).join(', ')}`] : []),
      ...(missing.length > 0 ? [`there is no column ${missing.join(', ')}`] : []),
      ...(twice.length > 0 ? [`${twice.join(', ')} stands there twice`] : []),
    ]
    if (problems.length > 0) throw new MalformedFile(line, `${problems.join('; ')}; the first line must be ${columns.join(',')}`)
    this.#places = columns.map((column) => fields.indexOf(column))
  }

  read({ line: place, fields }: CsvRecord): SheetLine {
    if (fields.length !== columns.length) throw new MalformedFile(place, `${fields.length} fields, and the first line names ${columns.length} columns`)
    const [invoice, line, sku, description, quantity, at, price, customer, country] = columns.map((column, index) => {
      const value = fields[this.#places[index]!]!
      const [form, expected] = forms[column]
      if (!form.test(value)) throw new MalformedFile(place, `${column} is '${value.slice(0, 60)}'; expected ${expected}`)
      return value
    }) as [string, string, string, string, string, string, string, string, string]
    return { place, invoice, line: Number(line), sku, description, quantity: Number(quantity), at, price, thousandths: thousandths(price), customer, country }
  }
}
