import { expect, test } from 'vitest'
import { z } from 'zod'
import { inputJsonSchema } from '../../kernel/schema.ts'
import { coercions, requiredLists } from './coercion.ts'

interface Tree {
  readonly left?: Tree | undefined
}
const tree: z.ZodType<Tree> = z.object({
  get left() {
    return tree.optional()
  },
})
const schema = inputJsonSchema(
  z.object({
    text: z.string(),
    integer: z.number().int(),
    number: z.number(),
    yes: z.boolean(),
    maybe: z.number().nullable(),
    either: z.union([z.string(), z.number()]),
    literal: z.literal([1, 2]),
    shared: z.number().meta({ id: 'Shared' }).optional(),
    list: z.array(z.number()),
    flags: z.array(z.boolean()).optional(),
    oneOrMore: z.union([z.number(), z.array(z.number())]),
    object: z.object({ from: z.number() }),
    tree,
    anything: z.unknown(),
  }),
)
const of = coercions(schema)

test.each<[string, string, unknown]>([
  ['text', '7', '7'],
  ['integer', '7', 7],
  ['integer', '-7', -7],
  ['integer', '7.5', 7.5],
  ['integer', 'seven', 'seven'],
  ['integer', '', ''],
  ['integer', ' 7', ' 7'],
  ['integer', '0x10', '0x10'],
  ['integer', '007', '007'],
  ['integer', '9007199254740993', '9007199254740993'],
  ['number', '1e3', 1000],
  ['number', '1e999', '1e999'],
  ['number', 'NaN', 'NaN'],
  ['yes', 'true', true],
  ['yes', 'false', false],
  ['yes', '1', '1'],
  ['maybe', 'null', null],
  ['maybe', '3', 3],
  ['either', '3', '3'],
  ['literal', '2', 2],
  ['shared', '4', 4],
  ['oneOrMore', '4', 4],
  ['list', '4', [4]],
  ['flags', 'true', [true]],
  ['object', '{"from":3,"__proto__":{"a":1}}', { from: 3 }],
  ['object', '{broken', '{broken'],
  ['tree', '{"left":{}}', { left: {} }],
  ['anything', '7', '7'],
  ['unknown', '7', '7'],
])('%s: %j becomes %j', (field, text, value) => {
  expect(of(field).one(text)).toEqual(value)
})

test('repetition makes lists, item by item; where none fits the schema will say so', () => {
  expect(of('list').many(['1', 'two'])).toEqual([1, 'two'])
  expect(of('oneOrMore').many(['1', '2'])).toEqual([1, 2])
  expect(of('integer').many(['1', '2'])).toEqual([1, 2])
})

test('further fields follow the schema of additional properties', () => {
  expect(coercions(inputJsonSchema(z.record(z.string(), z.number())))('whatever').one('7')).toBe(7)
})

test('lists that must be there are named', () => {
  expect(requiredLists(schema)).toEqual(['list'])
})
