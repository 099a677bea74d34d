import { BanyanError } from '../../kernel/errors.ts'
import type { PolicyKind } from '../policy-kind.ts'
import { addressList } from './address-list.ts'

interface IpSettings {
  readonly allow?: readonly string[]
  readonly deny?: readonly string[]
}

const addresses = { type: 'array', items: { type: 'string' }, minItems: 1 } as const

/** Lets clients in by their addresses. */
export const ipPolicy: PolicyKind<IpSettings> = {
  name: 'ip',
  schema: {
    description: 'Lets clients in by their addresses: `192.0.2.1`, `10.0.0.0/8`, `loopback`, `private`. Others are answered 403.',
    type: 'object',
    properties: {
      allow: { description: 'Only these are let in; all unless said.', ...addresses },
      deny: { description: 'These are not, also where they are allowed.', ...addresses },
    },
    additionalProperties: false,
    minProperties: 1,
  },
  describe: () => ({ answers: { 403: 'The address of the client is not let in' } }),
  open({ allow, deny = [] }) {
    const allowed = allow && addressList(allow)
    const denied = addressList(deny)
    return async (request, next) => {
      const { client, outcome } = request
      if (!denied.has(client) && (allowed === undefined || allowed.has(client))) return next(request)
      outcome.refused = 'access'
      throw new BanyanError('forbidden', `clients at ${client} are not let in here; ask from another network`)
    }
  },
}
