import { expect, test } from 'vitest'
import { instanceOf, watched } from '../../../test/discovery/registry-contract.ts'
import { staticRegistry } from './static-registry.ts'

test('a unit has the instances that were given for it, each once, and others have none', async () => {
  await using registry = staticRegistry({ orders: ['http://10.0.0.8:3000', 'http://10.0.0.7:3000', 'http://10.0.0.8:3000'] })
  using orders = watched(registry, 'orders')
  using others = watched(registry, 'constructor')
  expect(orders.lists).toEqual([])
  await expect.poll(() => orders.lists).toHaveLength(1)
  expect(orders.lists[0]?.map(({ url }) => url)).toEqual(['http://10.0.0.7:3000', 'http://10.0.0.8:3000'])
  expect(others.lists).toEqual([[]])
})

test('announcing changes nothing, and a watch given up at once is never told', async () => {
  await using registry = staticRegistry({ orders: ['http://10.0.0.7:3000'] })
  const given = watched(registry, 'orders')
  given[Symbol.dispose]()
  await using announcement = await registry.announce(instanceOf('orders', 3001))
  announcement.report(0.5)
  using kept = watched(registry, 'orders')
  await expect.poll(() => kept.ids()).toEqual(['orders@http://10.0.0.7:3000'])
  expect(given.lists).toEqual([])
})
