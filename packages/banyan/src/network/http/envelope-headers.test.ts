import { expect, test } from 'vitest'
import { serve } from '../../../test/http/fixture.ts'
import { echoing, send } from '../../../test/http/requests.ts'
import { opened } from '../../../test/http/stack.ts'
import { isUuidv7, uuidv7 } from '../../kernel/id.ts'
import type { HttpServerOptions } from './options.ts'

const keep = opened()
async function echo(options: Partial<HttpServerOptions> = {}) {
  const echo = echoing()
  return { ...echo, server: keep(await serve(echo.invoke, options)) }
}

test('the idempotency key: taken, mapped or made; refused when it is none', async () => {
  const { server, last } = await echo()
  const key = uuidv7()
  await send(server, 'POST', '/poke', {}, { 'idempotency-key': key.toUpperCase() })
  expect(last().envelope).toMatchObject({ key, correlation: key, causation: key })
  await send(server, 'POST', '/poke', {}, { 'idempotency-key': 'order-7' })
  expect(last().envelope).toMatchObject({ key: 'mapped:order-7', saidKey: 'order-7' })
  await send(server, 'POST', '/poke', {})
  expect(isUuidv7(last().envelope.key)).toBe(true)
  for (const bad of ['two words', 'x'.repeat(256)]) {
    expect(await send(server, 'POST', '/poke', {}, { 'idempotency-key': bad })).toMatchObject({ status: 400, json: { code: 'key_invalid' } })
  }
})

test('outsiders may shorten the deadline, not lengthen it, and not say what caused them', async () => {
  const { server, last } = await echo({ limits: { deadlineMs: 1_000 } })
  await send(server, 'POST', '/poke', {}, { 'banyan-deadline-ms': '500', 'banyan-correlation': 'c', 'banyan-causation': 'd', 'banyan-caused-by': 'event' })
  expect(last().envelope.deadline.left()).toBeLessThanOrEqual(500)
  expect(last().envelope).toMatchObject({ correlation: last().envelope.key, causation: last().envelope.key, causedBy: 'command' })
  await send(server, 'POST', '/poke', {}, { 'banyan-deadline-ms': '5000' })
  expect(last().envelope.deadline.left()).toBeLessThanOrEqual(1_000)
  expect(await send(server, 'POST', '/poke', {}, { 'banyan-deadline-ms': 'soon' })).toMatchObject({ status: 400 })
})

test('the trace goes on from the caller’s', async () => {
  const { server, last } = await echo()
  const trace = '0af7651916cd43dd8448eb211c80319c'
  await send(server, 'GET', '/ping', undefined, { traceparent: `00-${trace}-b7ad6b7169203331-01` })
  expect(last().envelope.traceparent).toMatch(new RegExp(`^00-${trace}-(?!b7ad6b7169203331)[0-9a-f]{16}-01$`))
})
