import { expect, test } from 'vitest'
import { childSpan, newTrace, parseTraceparent, spanIdOf, traceIdOf } from './trace.ts'

const trace = '0af7651916cd43dd8448eb211c80319c'
const span = 'b7ad6b7169203331'

test('the example of the specification is read', () => {
  expect(parseTraceparent(`00-${trace}-${span}-01`)).toEqual({ traceId: trace, spanId: span, flags: 1 })
})

test.each([
  ['nothing', ''],
  ['upper case', `00-${trace.toUpperCase()}-${span}-01`],
  ['the forbidden version', `ff-${trace}-${span}-01`],
  ['a zero trace id', `00-${'0'.repeat(32)}-${span}-01`],
  ['a zero span id', `00-${trace}-${'0'.repeat(16)}-01`],
  ['more than version 00 has', `00-${trace}-${span}-01-more`],
  ['a later version without a dash', `01-${trace}-${span}-01more`],
  ['two headers joined', `00-${trace}-${span}-01, 00-${trace}-${span}-01`],
  ['a short trace id', `00-${trace.slice(1)}-${span}-01`],
  ['blanks around it', ` 00-${trace}-${span}-01`],
])('%s is not', (_what, header) => {
  expect(parseTraceparent(header)).toBeUndefined()
})

test('of a later version the known parts are read', () => {
  expect(parseTraceparent(`cc-${trace}-${span}-09-what-the-future-holds`)).toEqual({ traceId: trace, spanId: span, flags: 1 })
  expect(parseTraceparent(`cc-${trace}-${span}-00`)).toEqual({ traceId: trace, spanId: span, flags: 0 })
})

test('a child keeps trace and sampling and has its own span', () => {
  const child = childSpan(`00-${trace}-${span}-00`)
  expect(parseTraceparent(child)).toMatchObject({ traceId: trace, flags: 0 })
  expect(spanIdOf(child)).not.toBe(span)
  expect(traceIdOf(childSpan('nonsense'))).not.toBe(trace)
})

test('new traces are valid and differ', () => {
  const traces = Array.from({ length: 1000 }, newTrace)
  expect(traces.every((text) => parseTraceparent(text)?.flags === 3)).toBe(true)
  expect(new Set(traces.map(traceIdOf)).size).toBe(1000)
})
