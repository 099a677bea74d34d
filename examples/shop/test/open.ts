import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { testInstallation } from 'banyan/testing'
import { startShop } from '../shop.ts'
import type { ShopUnderTest } from './visit.ts'

// nobody waits here for a parcel to be packed
process.env['SHOP_PACKING'] = '0s'

/** With the address of each of its units. */
export type OpenShop = ShopUnderTest & AsyncDisposable & { readonly urls: readonly string[] }

/** The shop in this process, with a database that goes when it closes. */
export async function openOne(): Promise<OpenShop> {
  const installation = await testInstallation()
  const shop = await startShop(installation.options)
  return closing(shop, [shop.url], async () => {
    await shop[Symbol.asyncDispose]()
    await installation[Symbol.asyncDispose]()
  })
}

/** The shop in two processes: `sales` in this one, `stock` in another. */
export async function openSplit(): Promise<OpenShop> {
  const installation = await testInstallation()
  const [salesPort, stockPort] = await freePorts(2)
  const addresses = { sales: `http://127.0.0.1:${salesPort}`, stock: `http://127.0.0.1:${stockPort}` }
  const both = { ...installation.options, topology: 'split', addresses, secret: randomBytes(32).toString('base64url') }
  const stock = fork(join(import.meta.dirname, 'unit.ts'), [JSON.stringify({ ...both, unit: 'stock', port: stockPort })])
  const [sales] = await Promise.all([startShop({ ...both, unit: 'sales', port: salesPort! }), once(stock, 'message')])
  return closing(sales, Object.values(addresses), async () => {
    const gone = once(stock, 'exit')
    stock.disconnect()
    await gone
    await sales[Symbol.asyncDispose]()
    await installation[Symbol.asyncDispose]()
  })
}

function closing(shop: ShopUnderTest, urls: readonly string[], close: () => Promise<void>): OpenShop {
  return { ...shop, urls, [Symbol.asyncDispose]: close }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  for (const server of servers) server.close()
  return ports
}
