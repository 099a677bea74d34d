import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { BanyanError } from '../kernel/errors.ts'
import { createLog, traceFields, type LogOptions } from './log.ts'
import { newTrace, traceIdOf } from './trace.ts'

function collecting(options: LogOptions = {}) {
  const lines: string[] = []
  const log = createLog({ level: 'debug', ...options, destination: { write: (line) => lines.push(line) } })
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? 'null') as Record<string, unknown> }
}

test('a line is JSON with time, level by name, message and fields', () => {
  const { log, lines, last } = collecting()
  log.info('placed', { orderId: 'o1', total: 3 })
  expect(lines[0]).toMatch(/^\{.*\}\n$/)
  expect(last()).toEqual({ time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/), level: 'info', message: 'placed', orderId: 'o1', total: 3 })
})

test('children carry their fields, and levels below the chosen one are dropped', () => {
  const { log, lines, last } = collecting({ level: 'warn' })
  const traceparent = newTrace()
  const child = log.child({ service: 'orders' }).child({ operation: 'place', key: 'k1', ...traceFields(traceparent) })
  child.info('not this')
  child.warn('this')
  expect(lines).toHaveLength(1)
  expect(last()).toMatchObject({ service: 'orders', operation: 'place', key: 'k1', traceId: traceIdOf(traceparent), spanId: expect.any(String) })
})

test('an error is logged with its code, stack, details and causes, and its secrets blanked', () => {
  const { log, last } = collecting()
  const cause = Object.assign(new Error('connect postgres://app:hunter2@db/shop'), { password: 'hunter2' })
  log.error('failed', { error: new BanyanError('migration_failed', 'no database', { cause, details: { host: 'db', apiKey: 'k' } }) })
  expect(last()['error']).toMatchObject({
    type: 'BanyanError',
    code: 'migration_failed',
    message: 'no database',
    stack: expect.stringContaining('log.test.ts'),
    details: { host: 'db', apiKey: '[redacted]' },
    cause: { message: 'connect postgres://app:[redacted]@db/shop', password: '[redacted]' },
  })
  expect(JSON.stringify(last())).not.toContain('hunter2')
})

test('what may be tried again is told in a line, without stacks', () => {
  const error = new BanyanError('unavailable', 'stock cannot be reached', { cause: new Error('connect ECONNREFUSED postgres://app:hunter2@db/shop') })
  const { log, last } = collecting()
  log.warn('a request could not be served', { error })
  expect(last()['error']).toEqual({
    type: 'BanyanError',
    code: 'unavailable',
    message: 'stock cannot be reached',
    details: {},
    executed: 'no',
    cause: 'connect ECONNREFUSED postgres://app:[redacted]@db/shop',
  })
  const { log: pretty, lines } = collecting({ pretty: true })
  pretty.warn('a request could not be served', { status: 503, error })
  expect(lines.map(stripVTControlCharacters)).toEqual([
    expect.stringMatching(/^\S+ warn {2}a request could not be served status=503 error="unavailable: stock cannot be reached"\n$/),
  ])
})

test('fields of a child are blanked too', () => {
  const { log, last } = collecting()
  log.child({ sessionToken: 't', user: { cookie: 'c' } }).info('hello Bearer abcdefghijk')
  expect(last()).toMatchObject({ sessionToken: '[redacted]', user: { cookie: '[redacted]' }, message: 'hello Bearer [redacted]' })
})

test('fields do not overwrite what the line says itself', () => {
  const { log, last } = collecting()
  log.info('hello', { message: 'other', level: 7, time: 'now' })
  expect(last()).toMatchObject({ message: 'hello', level: 'info', _message: 'other', _level: 7, _time: 'now' })
})

test('at a terminal a line is short, and a stack follows it', () => {
  const { log, lines } = collecting({ pretty: true })
  const traceparent = newTrace()
  log
    .child({ service: 'orders', operation: 'place', ...traceFields(traceparent) })
    .warn('slow', { ms: 812, why: 'two words', error: new Error('outer', { cause: new Error('inner') }) })
  const text = stripVTControlCharacters(lines[0] ?? '')
  expect(text).toMatch(
    new RegExp(`^\\d\\d:\\d\\d:\\d\\d\\.\\d{3} warn  orders\\.place slow ms=812 why="two words" error="outer"  trace ${traceIdOf(traceparent).slice(0, 8)}\\n`),
  )
  expect(text).toContain('    Error: outer')
  expect(text).toContain('caused by Error: inner')
})
