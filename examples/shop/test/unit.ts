import { once } from 'node:events'
import { startShop, type StartOptions } from '../shop.ts'

/** A unit of the shop in a process of its own: options come as the first argument, and it stops when its parent lets go of it. */
await using unit = await startShop(JSON.parse(process.argv[2]!) as StartOptions)
process.send?.(unit.url)
await once(process, 'disconnect')
