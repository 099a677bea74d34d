import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ReadCall, writeCall, type CallHead } from './call-text.ts'

const count = fc.nat({ max: 999_999_999 })
const ascii = fc.string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCodePoint(code)) })
const heads: fc.Arbitrary<CallHead> = fc.record({
  target: count,
  speaker: count,
  milliseconds: count,
  traceparent: ascii,
  causedBy: fc.constantFrom('command', 'event'),
  correlation: ascii,
  causation: ascii,
  key: ascii,
  saidKey: ascii,
  session: ascii,
})

test('what is written is read', () => {
  fc.assert(
    fc.property(heads, fc.json(), (head, input) => {
      const read = new ReadCall(writeCall(head, input))
      expect(read.input).toBe(input)
      for (const field of Object.keys(head) as (keyof CallHead)[]) expect(read[field]).toBe(head[field])
    }),
  )
})

test.each(['', '\n', 'x', '5', '99\n1\n2\n3\n', '6\n1\n2\n3', '3\n-1\n', '4\n1.5\n2\n3\n', '-5\n1\n2\n3\n', '6\n\n2\n3\n{}'])('%j is a fault', (text) => {
  expect(() => new ReadCall(text)).toThrow('without the numbers that a call begins with')
})
