import { join } from 'node:path'
import {
  credentials,
  loadPackageDefinition,
  Metadata,
  Server,
  ServerCredentials,
  type Client,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServiceClientConstructor,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import type { Contender } from '../contender.ts'
import { DEADLINE_MS, Enquiry, quote, TRACEPARENT, type Quote } from '../quote.ts'

interface PricingClient extends Client {
  quote(enquiry: Enquiry, metadata: Metadata, options: { deadline: number }, answered: (error: Error | null, answer: Quote) => void): void
}

const definition = loadSync(join(import.meta.dirname, 'pricing.proto'), { keepCase: true, defaults: true })
const { Pricing } = loadPackageDefinition(definition)['pricing'] as unknown as { Pricing: ServiceClientConstructor }

/** A unary call of gRPC, in JavaScript. */
export const grpc: Contender = {
  name: 'grpc-js',
  remarks: `a unary call over one channel, no TLS; messages by protobuf. Input checked by zod in the handler; its own deadline; the trace as
  metadata. Output checked by its type, no identity, retries as it has them by default.`,
  async callee({ callee }) {
    const server = new Server()
    server.addService(Pricing.service, {
      quote: ({ request }: ServerUnaryCall<unknown, Quote>, answer: sendUnaryData<Quote>) => answer(null, quote(Enquiry.parse(request))),
    })
    await new Promise<void>((resolve, reject) => {
      server.bindAsync(`127.0.0.1:${callee}`, ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve()))
    })
    return { [Symbol.asyncDispose]: async () => server.forceShutdown() }
  },
  async caller({ callee }) {
    const client = new Pricing(`127.0.0.1:${callee}`, credentials.createInsecure()) as unknown as PricingClient
    const metadata = new Metadata()
    metadata.set('traceparent', TRACEPARENT)
    return {
      call: (enquiry) =>
        new Promise((resolve, reject) => {
          client.quote(enquiry, metadata, { deadline: Date.now() + DEADLINE_MS }, (error, answer) => (error ? reject(error) : resolve(answer)))
        }),
      [Symbol.asyncDispose]: async () => client.close(),
    }
  },
}
