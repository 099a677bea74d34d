import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CsvReader, type CsvRecord } from './csv.ts'

/** Reads text that arrives in pieces of a length. */
function read(text: string, length = text.length): CsvRecord[] {
  const reader = new CsvReader()
  const pieces = Array.from({ length: Math.ceil(text.length / Math.max(1, length)) }, (_, index) => text.slice(index * length, (index + 1) * length))
  return [...pieces.flatMap((piece) => reader.read(piece)), ...reader.end()]
}
const fieldsOf = (records: readonly CsvRecord[]) => records.map(({ fields }) => fields)

test('fields, quoted or not, empty or not', () => {
  expect(fieldsOf(read('a,b,c\n1,,"x, y"\n"","say ""no""",\n'))).toEqual([
    ['a', 'b', 'c'],
    ['1', '', 'x, y'],
    ['', 'say "no"', ''],
  ])
})

test('lines end as they like, the last need not', () => {
  expect(fieldsOf(read('a,b\r\n"c",d\r\ne,"f"'))).toEqual([
    ['a', 'b'],
    ['c', 'd'],
    ['e', 'f'],
  ])
  expect(read('')).toEqual([])
})

test('a record knows the line it begins in, also after fields with line breaks', () => {
  expect(read('a\n"two\nlines"\nb\n').map(({ line, fields }) => [line, fields[0]])).toEqual([
    [1, 'a'],
    [2, 'two\nlines'],
    [4, 'b'],
  ])
})

describe('what is malformed is refused with its line', () => {
  test.each([
    ['a\nb"c\n', 'line 2: a quote inside a field'],
    ['a\n"b"c\n', 'line 2: something follows a closing quote'],
    ['a\n\n"never', 'line 3: a quote is never closed'],
    ['a\rb\n', 'line 1: a carriage return without a line feed'],
  ])('%j', (text, message) => {
    expect(() => read(text)).toThrow(message)
    expect(() => read(text, 1)).toThrow(message)
  })

  test('a quote that is never closed does not take the file into memory', () => {
    const reader = new CsvReader()
    const endless = () => {
      for (let piece = 0; piece < 1_000; piece++) reader.read('x'.repeat(1_000))
    }
    reader.read('a\n"')
    expect(endless).toThrow('line 2: the record that begins here has not ended after 65536 characters')
  })
})

test('what was written is read, whatever the pieces it comes in', () => {
  const field = fc.string({ unit: fc.constantFrom('a', 'ü', '€', '"', ',', '\n', '\r', ' ') })
  fc.assert(
    fc.property(fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 5 }), fc.integer({ min: 1, max: 7 }), (rows, length) => {
      const text = rows.map((row) => `${row.map((value) => `"${value.replaceAll('"', '""')}"`).join(',')}\n`).join('')
      expect(fieldsOf(read(text, length))).toEqual(rows)
    }),
  )
})
