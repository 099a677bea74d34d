import { afterAll, beforeAll, expect, test } from 'vitest'
import { runners, type RunningApp } from 'banyan/testing'
import shop from '../banyan.config.ts'

let running: RunningApp
beforeAll(async () => {
  running = (await runners[0].start(shop)) as unknown as RunningApp
})
afterAll(() => running[Symbol.asyncDispose]())

const price = (cents: number) => ({ amount: cents, currency: 'EUR' })

test('a product is served from the cache until its price changes', async () => {
  const staff = await running.token({ subject: 'sam', roles: ['staff'] })
  const send = (method: string, path: string, body: object) =>
    fetch(running.url + path, { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json', authorization: `Bearer ${staff}` } })
  const prices = (etag?: string) => fetch(`${running.url}/products/TEA-777/prices`, etag === undefined ? {} : { headers: { 'if-none-match': etag } })

  expect((await send('POST', '/products', { sku: 'TEA-777', name: 'Smoked tea', description: 'Smoky.', price: price(900) })).status).toBe(204)
  await running.quiet()
  const first = await prices()
  expect(first.headers.get('cache-status')).toMatch(/^banyan; fwd=miss/)
  const second = await prices()
  expect(second.headers.get('cache-status')).toMatch(/^banyan; hit/)
  const etag = second.headers.get('etag')!
  expect((await prices(etag)).status).toBe(304)

  expect((await send('PUT', '/products/TEA-777/price', { price: price(950) })).status).toBe(204)
  await running.quiet()
  const after = await prices(etag)
  expect(after.status).toBe(200)
  expect(((await after.json()) as { items: { price: { amount: number } }[] }).items[0]!.price.amount).toBe(950)
})
