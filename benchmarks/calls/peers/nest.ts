import { Controller, type DynamicModule } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ClientProxyFactory, MessagePattern, Payload, Transport, type MicroserviceOptions } from '@nestjs/microservices'
import { firstValueFrom, timeout } from 'rxjs'
import type { Contender } from '../contender.ts'
import { DEADLINE_MS, Enquiry, quote, TRACEPARENT, type Quote } from '../quote.ts'

const QUOTE = 'quote'

class PricingController {
  quote({ input }: { input: unknown }): Quote {
    return quote(Enquiry.parse(input))
  }
}
// decorators as the functions they are, since sources run without being compiled
Controller()(PricingController)
Payload()(PricingController.prototype, 'quote', 0)
MessagePattern(QUOTE)(PricingController.prototype, 'quote', Object.getOwnPropertyDescriptor(PricingController.prototype, 'quote')!)

class Pricing {
  readonly name = 'pricing'
}
const module: DynamicModule = { module: Pricing, controllers: [PricingController] }

/** A NestJS microservice and its client over its TCP transport. */
export const nest: Contender = {
  name: 'NestJS, TCP',
  remarks: `its TCP microservice and client. Input checked by zod in the handler; a deadline by the timeout of RxJS, at the caller only;
  the trace as a field of the message. Output not checked, no identity, no repeats, one callee only.`,
  async callee({ callee }) {
    const options: MicroserviceOptions = { transport: Transport.TCP, options: { host: '127.0.0.1', port: callee } }
    const server = await NestFactory.createMicroservice<MicroserviceOptions>(module, { ...options, logger: false })
    await server.listen()
    return { [Symbol.asyncDispose]: () => server.close() }
  },
  async caller({ callee }) {
    const client = ClientProxyFactory.create({ transport: Transport.TCP, options: { host: '127.0.0.1', port: callee } })
    await client.connect()
    return {
      call: (input) => firstValueFrom(client.send<Quote>(QUOTE, { traceparent: TRACEPARENT, input }).pipe(timeout(DEADLINE_MS))),
      [Symbol.asyncDispose]: async () => void (await client.close()),
    }
  },
}
