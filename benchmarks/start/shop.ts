import { once } from 'node:events'
import { startShop } from '../../examples/shop/shop.ts'

// the shop as a process of its own, with nothing in it; its directory and port come from the command line
const [directory = '', port = ''] = process.argv.slice(2)
const shop = await startShop({ directory, port: Number(port), development: true })
await once(process, 'SIGTERM')
await shop[Symbol.asyncDispose]()
