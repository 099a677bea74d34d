import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { start, type BanyanError } from '../../src/index.ts'
import { silentLog } from '../../src/observe/log.ts'
import { testInstallation, type TestInstallation } from '../../src/testing/installation.ts'
import { freePorts } from '../../src/testing/free-ports.ts'
import app from './shelf.ts'

type Unit = Awaited<ReturnType<typeof open>>

let installation: TestInstallation
let addresses: { front: string; store: string }
let front: Unit
let store: Unit

function open(unit: 'front' | 'store') {
  const port = Number(new URL(addresses[unit]).port)
  return start(app, { ...installation.options, topology: 'narrow', unit, addresses, port, secret: 'a secret that both processes share', log: silentLog })
}

beforeAll(async () => {
  installation = await testInstallation()
  const [first, second] = await freePorts(2)
  addresses = { front: `http://127.0.0.1:${first}`, store: `http://127.0.0.1:${second}` }
  store = await open('store')
  front = await open('front')
})
afterAll(async () => {
  await front[Symbol.asyncDispose]()
  await store[Symbol.asyncDispose]()
  await installation[Symbol.asyncDispose]()
})

test('what a topology says of an edge holds there, and a fallback answers what it refuses', async () => {
  const slow = front.call.shelf.count({ sku: 'slow' })
  await vi.waitUntil(async () => (await store.call.shelf.waiting()) === 1)
  expect(await front.call.shelf.count.result({ sku: 'tea' })).toMatchObject({ ok: false, error: { code: 'overloaded', executed: 'no' } })
  expect(await front.call.shelf.count({ sku: 'tea' }, { fallback: ({ code }: BanyanError) => code.length })).toBe('overloaded'.length)
  // a handler's too, and as the value of `result`
  expect(await front.call.desk.ask({ sku: 'tea' })).toBe(-1)
  expect(await front.call.desk.ask.result({ sku: 'tea' })).toEqual({ ok: true, value: -1 })
  await store.call.shelf.release()
  expect(await slow).toBe(7)
  expect(await front.call.desk.ask({ sku: 'tea' })).toBe(7)
})

test('in process a fallback does the same', async () => {
  expect(await store.call.shelf.count({ sku: 'slow' }, { deadline: '20ms', fallback: 3 })).toBe(3)
  expect(await store.call.shelf.count.result({ sku: 'unknown' }, { fallback: 3 })).toMatchObject({ ok: false, error: { code: 'Unknown' } })
  expect(await front.call.shelf.count.result({ sku: 'unknown' }, { fallback: 3 })).toMatchObject({ ok: false, error: { code: 'Unknown' } })
  await store.call.shelf.release()
})

test('a unit that is away has a fallback as well', async () => {
  await store[Symbol.asyncDispose]()
  expect(await front.call.desk.ask({ sku: 'tea' })).toBe(-1)
  store = await open('store')
})
