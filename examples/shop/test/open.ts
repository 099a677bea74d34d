import { runners, type Runner } from 'banyan/testing'
import config from '../banyan.config.ts'
import type { ShopUnderTest } from './visit.ts'

// nobody waits here for a parcel to be packed
process.env['SHOP_PACKING'] = '0s'
// and no refresh token is good twice
process.env['SHOP_REFRESH_GRACE'] = '0'

/** With the address of each of its units. */
export type OpenShop = ShopUnderTest & AsyncDisposable & { readonly urls: readonly string[] }

/** The shop in this process; or as a runner has it, which divides it by its own topology into two processes. Its data goes when it closes. */
export function openShop(runner: Runner = runners[0]): Promise<OpenShop> {
  return runner.start(config, { topology: 'split', processes: import.meta.resolve('../banyan.config.ts') })
}
