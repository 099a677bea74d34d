import { BanyanError } from '../kernel/errors.ts'
import type { Addresses } from '../runtime/settings.ts'
import type { Io } from './io.ts'

/** Where other units are, by name, as an orchestrator may say it in BANYAN_ADDRESSES. Throws `invalid_configuration` for what cannot be read. */
export function addressesOf({ env }: Pick<Io, 'env'>): Addresses {
  const text = env['BANYAN_ADDRESSES']
  if (!text) return {}
  try {
    const addresses: unknown = JSON.parse(text)
    if (typeof addresses === 'object' && addresses !== null && Object.values(addresses).flat().every(isUrl)) return addresses as Addresses
  } catch {
    // told below, like every other text that is not what it should be
  }
  throw new BanyanError('invalid_configuration', `BANYAN_ADDRESSES is '${text}'; it is JSON such as {"sales":"http://10.0.0.5:3000"}`)
}

function isUrl(address: unknown): boolean {
  return typeof address === 'string' && URL.canParse(address)
}
