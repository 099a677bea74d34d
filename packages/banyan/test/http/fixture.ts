import { Wakeup } from '../../src/events/wakeup.ts'
import { isUuidv7 } from '../../src/kernel/id.ts'
import { z } from 'zod'
import { anyone, type Identity } from '../../src/model/access.ts'
import { anonymousIdentity, identity } from '../../src/security/identity.ts'
import { BanyanError } from '../../src/kernel/errors.ts'
import { parseWith } from '../../src/kernel/schema.ts'
import { contract, operationsOf } from '../../src/model/contract.ts'
import { command, query, type AnyOperation } from '../../src/model/operation.ts'
import type { Envelope } from '../../src/network/envelope.ts'
import { silentLog } from '../../src/observe/log.ts'
import { httpServer, type HttpServer } from '../../src/network/http/server.ts'
import type { HttpServerOptions } from '../../src/network/http/options.ts'

const Money = z.object({ amount: z.number().int(), currency: z.string() }).meta({ id: 'Money' })
const Line = z.object({ sku: z.string(), quantity: z.number().int().positive() })

/** A contract with something of everything that HTTP has to carry. */
export const orders = contract('orders', {
  place: command({
    http: 'POST /orders',
    input: z.object({ lines: z.array(Line).min(1), note: z.string().default(''), total: Money.optional() }).describe('Places an order'),
    output: z.object({ orderId: z.string() }),
    errors: { UnknownProduct: z.object({ sku: z.string() }), Conflict: z.object({ why: z.string() }), SoldOut: z.object({}) },
    statuses: { SoldOut: 410 },
  }),
  change: command({ http: 'PATCH /orders/:orderId', input: z.object({ orderId: z.string(), note: z.string() }), output: z.object({ note: z.string() }) }),
  cancel: command({ http: 'DELETE /orders/:orderId', input: z.object({ orderId: z.string(), reason: z.string().optional() }) }),
  byId: query({
    http: 'GET /orders/:orderId',
    input: z.object({ orderId: z.string() }),
    output: z.object({ orderId: z.string(), total: Money }),
    errors: { NotFound: z.object({ orderId: z.string() }) },
  }),
  search: query({
    http: 'GET /orders/search',
    input: z.object({
      text: z.string().optional(),
      skus: z.array(z.string()),
      limit: z.number().int().max(100).default(20),
      paid: z.boolean().optional(),
      ratings: z.array(z.number()).optional(),
      price: z.object({ from: z.number() }).optional(),
    }),
    output: z.json(),
  }),
  line: query({ http: 'GET /orders/:orderId/lines/:number', input: z.object({ orderId: z.string(), number: z.number().int() }), output: z.json() }),
  ping: query({ http: 'GET /ping' }),
  poke: command({ http: 'POST /poke', input: z.object({ hard: z.boolean().default(false) }), output: z.json() }),
  secretly: command({ input: z.object({ n: z.number() }), output: z.object({ n: z.number() }) }),
})
export const operations: readonly AnyOperation[] = operationsOf(orders)

/** Somebody that has not logged in. */
export const nobody: Identity = anonymousIdentity
export const somebody: Identity = identity({ subject: 'u1' })

export type Invoke = HttpServerOptions['invoke']

/** Checks inputs as a unit does, then runs `run`. */
export function checked(run: (operation: AnyOperation, input: unknown, envelope: Envelope) => unknown): Invoke {
  return async (operation, input, envelope) => {
    const { input: schema } = operation.facts
    if (!schema) return run(operation, input, envelope)
    const parsed = parseWith(schema, input)
    if (!parsed.ok)
      throw new BanyanError('invalid_input', `${operation.service}.${operation.name} cannot take this input`, { details: { issues: parsed.issues } })
    return run(operation, parsed.value, envelope)
  }
}

/** A listening server that answers operations with `invoke`. */
export function serve(invoke: Invoke, options: Partial<HttpServerOptions> = {}): Promise<HttpServer> {
  return httpServer({
    title: 'shop',
    port: 0,
    operations,
    access: () => anyone(),
    invoke,
    authenticate: ({ headers: { authorization } }) => {
      if (authorization === undefined) return nobody
      if (authorization === 'Bearer good') return somebody
      throw new BanyanError('unauthenticated', 'the token expired')
    },
    changes: () => new Wakeup(),
    // as the events room does: what is a UUIDv7 stays
    mapKey: (key) => (isUuidv7(key) ? key.toLowerCase() : `mapped:${key}`),
    health: { live: () => true, ready: async () => ({ ready: true, checks: { database: { ok: true } } }) },
    log: silentLog,
    ...options,
  })
}
