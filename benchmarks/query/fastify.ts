import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import { z } from 'zod'
import type { Contender } from './contender.ts'
import { find, Product } from './product.ts'

/** What one would write: parameters checked and the answer written by compiled schemas; nobody is asked who they are, nothing is limited or traced. */
export async function bare(): Promise<Contender> {
  const app = fastify()
  const { $schema: _, ...product } = z.toJSONSchema(Product)
  const params = { type: 'object', properties: { sku: { type: 'string', minLength: 1 } }, required: ['sku'] }
  app.get<{ Params: { sku: string } }>('/products/:sku', { schema: { params, response: { 200: product } } }, async (request, reply) => {
    return find(request.params.sku) ?? reply.code(404).send()
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return { port: (app.server.address() as AddressInfo).port, headers: {}, [Symbol.asyncDispose]: () => app.close() }
}
