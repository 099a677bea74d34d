import { expect, test } from 'vitest'
import { z } from 'zod'
import { copies, inputJsonSchema, outputJsonSchema, parseWith } from './schema.ts'

const order = z.object({ id: z.string(), lines: z.array(z.object({ sku: z.string() })), note: z.string().default('') })

test('a value that fits is read, with its defaults', () => {
  expect(parseWith(order, { id: 'o1', lines: [] })).toEqual({ ok: true, value: { id: 'o1', lines: [], note: '' } })
})

test('mismatches name their place as a JSON Pointer', () => {
  const schema = z.object({ 'a/b': z.object({ '~': z.array(z.string()) }) })
  const parsed = parseWith(schema, { 'a/b': { '~': ['x', 1] } })
  expect(parsed).toMatchObject({ ok: false, issues: [{ path: '/a~1b/~0/1', message: expect.stringContaining('expected string') }] })
  expect(parseWith(schema, 7)).toMatchObject({ ok: false, issues: [{ path: '' }] })
})

test('an asynchronous schema is refused with a reason', () => {
  const schema = z.string().refine(async () => true)
  expect(() => parseWith(schema, 'x')).toThrow(expect.objectContaining({ code: 'invalid_configuration', message: expect.stringContaining('synchronous') }))
})

test('JSON Schemas are made once and tell input from output', () => {
  expect(inputJsonSchema(order)).toBe(inputJsonSchema(order))
  expect(inputJsonSchema(order)).toMatchObject({ required: ['id', 'lines'] })
  expect(outputJsonSchema(order)).toMatchObject({ required: ['id', 'lines', 'note'] })
})

interface Tree {
  readonly kids: readonly Tree[]
}
const tree: z.ZodType<Tree> = z.object({
  get kids() {
    return z.array(tree)
  },
})

test.each([
  ['an object', order],
  ['a record', z.record(z.string(), z.object({ n: z.number() }))],
  ['a union', z.discriminatedUnion('kind', [z.object({ kind: z.literal('a') }), z.object({ kind: z.literal('b'), list: z.tuple([z.string(), z.null()]) })])],
  ['an intersection', z.intersection(z.object({ a: z.string() }), z.object({ b: z.array(z.number()) }))],
  ['a recursive type', tree],
  ['any JSON', z.json()],
])('%s is copied by parsing', (_what, schema) => {
  expect(copies(schema)).toBe(true)
})

test.each([
  ['unknown', z.object({ data: z.unknown() })],
  ['any', z.array(z.any())],
  ['a described unknown', z.object({ data: z.unknown().describe('whatever it is') })],
  ['a loose object', z.looseObject({ id: z.string() })],
  ['a custom type', z.object({ data: z.custom<string>() })],
  ['a default that is an object', z.object({ list: z.array(z.object({ a: z.string() })).default([{ a: 'b' }]) })],
])('%s is not', (_what, schema) => {
  expect(copies(schema)).toBe(false)
})

test('nothing is assumed of other libraries', () => {
  expect(copies({ '~standard': { ...z.string()['~standard'], vendor: 'other' } })).toBe(false)
})
