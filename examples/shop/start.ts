import { once } from 'node:events'
import { BanyanError } from 'banyan'
import { seed, seedStaff } from './seed.ts'
import { startShop } from './shop.ts'
import { welcome } from './welcome.ts'

const began = performance.now()
await using shop = await startShop({ port: Number(process.env['PORT'] ?? 3000), development: true }).catch((error: unknown) => {
  if (!BanyanError.is(error)) throw error
  console.error(`The shop stays closed. ${error.code}: ${error.message}`)
  if (error.code === 'port_in_use') console.error('Another port: PORT=3001 npm start')
  process.exit(1)
})
await seed(shop.call)
await seedStaff(shop.call)
await shop.quiet()
console.log(await welcome(shop, Math.round(performance.now() - began)))
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
console.log('\nClosing: what has begun is finished first.')
