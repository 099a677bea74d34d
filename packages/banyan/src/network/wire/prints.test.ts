import { expect, test } from 'vitest'
import { z } from 'zod'
import { contract, operationsOf } from '../../model/contract.ts'
import { command, query } from '../../model/operation.ts'
import { differences, printsOf } from './prints.ts'

const item = z.object({ sku: z.string(), price: z.number() })
const before = contract('catalog', {
  bySku: query({ input: z.object({ sku: z.string() }), output: item, errors: { NotFound: z.object({ sku: z.string() }) } }),
  add: command({ input: item }),
})

test('two makings of one contract are the same, in whatever order it is written', () => {
  const again = contract('catalog', {
    add: command({ input: z.object({ price: z.number(), sku: z.string() }) }),
    bySku: query({ input: z.object({ sku: z.string() }), output: item, errors: { NotFound: z.object({ sku: z.string() }) } }),
  })
  expect(differences(printsOf(operationsOf(before)), printsOf(operationsOf(again)))).toBeUndefined()
})

test('what differs is named, and what is not there', () => {
  const after = contract('catalog', {
    bySku: query({ input: z.object({ sku: z.string() }), output: item.extend({ currency: z.string() }), errors: { NotFound: z.object({ sku: z.string() }) } }),
    all: query({ output: z.array(item) }),
  })
  const [older, newer] = [before, after].map((version) => printsOf(operationsOf(version))) as [Record<string, string>, Record<string, string>]
  expect(differences(older, newer)).toEqual({ changed: ['catalog.bySku'], absent: ['catalog.add'] })
  expect(differences(newer, older)).toEqual({ changed: ['catalog.bySku'], absent: ['catalog.all'] })
})

test.each([
  ['the kind', contract('catalog', { add: query({ input: item }) })],
  ['a declared error', contract('catalog', { add: command({ input: item, errors: { Taken: z.object({ sku: z.string() }) } }) })],
  ['an output', contract('catalog', { add: command({ input: item, output: item }) })],
])('%s makes another operation', (_what, other) => {
  const own = printsOf(operationsOf(contract('catalog', { add: command({ input: item }) })))
  expect(differences(own, printsOf(operationsOf(other)))).toEqual({ changed: ['catalog.add'], absent: [] })
})
