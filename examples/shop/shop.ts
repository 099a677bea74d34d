import { start } from 'banyan'
import config from './banyan.config.ts'

export type StartOptions = NonNullable<Parameters<typeof start>[1]>

/** Starts the shop, or one unit of it. */
export function startShop(options: StartOptions = {}) {
  return start(config, options)
}

export type Shop = Awaited<ReturnType<typeof startShop>>
/** Every service of the shop, on behalf of somebody. */
export type Calls = Shop['call']
