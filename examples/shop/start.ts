import { once } from 'node:events'
import { BanyanError } from 'banyan'
import { seed, seedStaff } from './seed.ts'
import { startShop, type Shop } from './shop.ts'
import { welcome } from './welcome.ts'

const began = performance.now()
const { PORT: port = '3000' } = process.env
const closing = new AbortController()
const told = once(closing.signal, 'abort')
// both stay: a Ctrl-C comes from the terminal, and once more from npm
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => closing.abort())

await using shop = await startShop({ port: Number(port), development: true, signal: closing.signal }).catch(stayClosed)
await Promise.race([open(shop), told])
await told
console.log('\nClosing: what has begun is finished first.')

async function open(shop: Shop): Promise<void> {
  await seed(shop.call)
  await seedStaff(shop.call)
  await shop.quiet()
  console.log(await welcome(shop, Math.round(performance.now() - began)))
}

function stayClosed(error: unknown): never {
  if (error === closing.signal.reason) {
    console.log('\nClosed before it was open.')
    process.exit(0)
  }
  if (!BanyanError.is(error)) throw error
  console.error(`The shop stays closed. ${error.code}: ${error.message}`)
  if (error.code === 'port_in_use' || Number.isNaN(Number(port))) console.error(`PORT is '${port}'. Another port: PORT=3001 npm start`)
  process.exit(1)
}
