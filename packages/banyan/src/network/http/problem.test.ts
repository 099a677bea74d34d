import { expect, test } from 'vitest'
import { operations, orders } from '../../../test/http/fixture.ts'
import { BanyanError, codes, type ErrorCode } from '../../kernel/errors.ts'
import { declaredError } from '../../model/declared-error.ts'
import { fromProblem, isProblem, toProblem, type ProblemContext } from './problem.ts'

const place = operations.find(({ name }) => name === 'place')!

function sent(error: unknown, to: ProblemContext['to'] = 'peer'): Error {
  const problem = toProblem(error, { to, operation: place, traceId: 't' })
  const wire: unknown = JSON.parse(JSON.stringify(problem))
  expect(isProblem(wire)).toBe(true)
  return fromProblem(wire, problem.status, place)
}

test.each(Object.keys(codes) as ErrorCode[])('%s comes back as it was sent between peers', (code) => {
  const issues = [{ path: '/a', message: 'wrong' }]
  const error = new BanyanError(code, 'what happened', { details: { issues, limit: 7 }, executed: 'maybe' })
  const back = sent(error)
  expect(BanyanError.is(back, code)).toBe(true)
  expect(back).toMatchObject({ message: 'what happened', details: { issues, limit: 7 }, executed: 'maybe', status: codes[code].status })
})

test('a declared error comes back by name, with its details and status', () => {
  const back = sent(orders.place.errors.UnknownProduct({ sku: 'x' }))
  expect(orders.place.errors.UnknownProduct.is(back)).toBe(true)
  expect(back).toMatchObject({ code: 'UnknownProduct', details: { sku: 'x' }, service: 'orders', operation: 'place' })
})

test.each([
  ['UnknownProduct', 422],
  ['Conflict', 409],
  ['SoldOut', 410],
])('the declared error %s answers %i', (name, status) => {
  const problem = toProblem(declaredError('orders', 'place', name, {}), { to: 'outside', operation: place })
  expect(problem).toMatchObject({ type: `urn:orders:error:${name}`, title: name, code: name, status, executed: 'no', retryable: false })
})

test('what the contract does not declare is internal, and its message stays inside', () => {
  for (const error of [
    new Error('password is hunter2'),
    'hunter2',
    declaredError('orders', 'place', 'Hunter2', {}),
    declaredError('catalog', 'prices', 'NotFound', { secret: 'hunter2' }),
  ]) {
    for (const to of ['outside', 'peer'] as const) {
      const problem = toProblem(error, { to, operation: place, traceId: 't1' })
      expect(problem).toMatchObject({ code: 'internal', status: 500, executed: 'maybe', traceId: 't1' })
      expect(JSON.stringify(problem).toLowerCase()).not.toContain('hunter2')
    }
  }
})

test.each(['internal', 'unavailable', 'database_unreachable', 'invalid_output', 'log_rewound', 'outcome_unknown'] as const)(
  'outsiders are not told the message of %s',
  (code) => {
    const problem = toProblem(new BanyanError(code, 'connect 10.0.0.7:5432', { details: { host: '10.0.0.7' } }), { to: 'outside' })
    const seen = code === 'database_unreachable' ? 'unavailable' : code
    expect(problem).toMatchObject({ code: seen, detail: codes[seen].help })
    expect(JSON.stringify(problem)).not.toContain('10.0.0.7')
  },
)

test('outsiders are told what is wrong with their request', () => {
  const issues = [{ path: '/lines', message: 'too small' }]
  expect(toProblem(new BanyanError('invalid_input', 'no lines', { details: { issues } }), { to: 'outside', instance: '/orders' })).toEqual({
    type: 'urn:banyan:error:invalid_input',
    title: 'Invalid input',
    status: 400,
    detail: 'no lines',
    code: 'invalid_input',
    executed: 'no',
    retryable: false,
    issues,
    instance: '/orders',
  })
})

test.each([
  [404, 'not_found', 'no'],
  [429, 'overloaded', 'no'],
  [502, 'unavailable', 'maybe'],
  [503, 'unavailable', 'maybe'],
  [504, 'deadline_exceeded', 'maybe'],
  [500, 'internal', 'maybe'],
  [418, 'internal', 'no'],
])('an answer %i that is no problem is judged by its status', (status, code, executed) => {
  expect(fromProblem('<html>', status, place)).toMatchObject({ code, executed })
  expect(fromProblem(undefined, status, place)).toMatchObject({ code, executed })
})

test('a problem that another server made up is not taken for a declared error', () => {
  expect(fromProblem({ type: 'urn:orders:error:Invented', code: 'Invented', detail: 'hm' }, 422, place)).toMatchObject({ code: 'internal' })
  expect(fromProblem({ type: 'urn:catalog:error:UnknownProduct', code: 'UnknownProduct' }, 422, place)).toMatchObject({ code: 'internal' })
  expect(fromProblem({ type: 'urn:banyan:error:of_the_future', code: 'of_the_future', detail: 'd' }, 503, place)).toMatchObject({ code: 'unavailable' })
})
