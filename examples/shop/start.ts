import { once } from 'node:events'
import { seed } from './seed.ts'
import { startShop } from './shop.ts'
import { welcome } from './welcome.ts'

const began = performance.now()
await using shop = await startShop({ port: Number(process.env['PORT'] ?? 3000), development: true })
await seed(shop.call)
await shop.quiet()
console.log(await welcome(shop, Math.round(performance.now() - began)))
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
console.log('\nClosing: what has begun is finished first.')
