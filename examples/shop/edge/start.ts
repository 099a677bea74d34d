import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { start } from 'banyan'
import { seed, seedStaff } from '../seed.ts'
import config from './banyan.config.ts'
import { serverProcess } from './server-process.ts'

const stop = new AbortController()
const told = once(stop.signal, 'abort')
// both stay: a Ctrl-C comes from the terminal, and once more from npm
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort())

const port = Number(process.env['PORT'] ?? 3000)
const shopUrl = `http://127.0.0.1:${port}`
process.env['OIDC_ISSUER'] = 'http://127.0.0.1:4000'
process.env['OIDC_SECRET'] = randomBytes(24).toString('base64url')
await using _provider = await serverProcess('identity-provider', ['4000', process.env['OIDC_SECRET'], shopUrl])
await using reviews = await serverProcess('reviews', [], { PORT: '4001' })
await using shop = await start(config, { port, development: true, directory: import.meta.dirname })
await seed(shop.call)
await seedStaff(shop.call)
await shop.quiet()

console.log(`
The shop, a server that knows nothing of it, and an identity provider, behind one door: ${shop.url}

  In a browser, ${shop.url}/auth/login?return_to=/orders logs you in: any name, any password; cleo is staff.

  curl -i ${shop.url}/orders                        # 401: nobody has logged in here
  curl -i ${shop.url}/products/TEA-001/prices       # twice: the second time from the cache, see Cache-Status
  curl -i ${shop.url}/reviews/TEA-001               # from the server behind it, by gateway.yaml; twice within 2 s: from the cache
  for i in 1 2 3 4 5 6; do curl -iX POST ${shop.url}/reviews/TEA-001/votes; done
                                                             # the sixth is 429, see RateLimit and Retry-After
  kill -9 ${reviews.pid}                                     # the reviews are gone: those in the cache are served for an hour

In the folder examples/shop:

  npx banyan access orders.ledger --as customer --config edge/banyan.config.ts   # why a customer is refused
  npx banyan audit --refused --config edge/banyan.config.ts                      # who was refused what
  npx banyan gateway check edge/gateway.yaml                                     # its routes; or its mistakes, with their lines

Ctrl-C closes everything.
`)
await told
