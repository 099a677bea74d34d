import { ServiceBroker, type Context } from 'moleculer'
import type { Contender, Place } from '../contender.ts'
import { DEADLINE_MS, Enquiry, quote, TRACEPARENT, type Quote } from '../quote.ts'

function broker({ callee, caller }: Place, nodeID: 'back' | 'front'): ServiceBroker {
  const urls = [`127.0.0.1:${callee}/back`, `127.0.0.1:${caller}/front`]
  // its types know one address only; it takes a list, as its documentation says
  const options = { udpDiscovery: false, urls: urls as unknown as string, port: nodeID === 'back' ? callee : caller }
  return new ServiceBroker({ nodeID, logger: false, requestTimeout: DEADLINE_MS, transporter: { type: 'TCP', options } })
}

/** Two Moleculer brokers connected by its TCP transporter. */
export const moleculer: Contender = {
  name: 'Moleculer, TCP',
  remarks: `two brokers with addresses given, its defaults and a request timeout. Input checked by zod in the handler; the trace in its meta.
  Balancing round robin. Breaker, bulkhead, retries, metrics and spans are off, as they are by default. Output not checked.`,
  async callee(place) {
    const back = broker(place, 'back')
    back.createService({ name: 'pricing', actions: { quote: (context: Context) => quote(Enquiry.parse(context.params)) } })
    await back.start()
    return { [Symbol.asyncDispose]: () => back.stop() }
  },
  async caller(place) {
    const front = broker(place, 'front')
    await front.start()
    await front.waitForServices('pricing')
    const options = { meta: { traceparent: TRACEPARENT } }
    return { call: (enquiry) => front.call<Quote, Enquiry>('pricing.quote', enquiry, options), [Symbol.asyncDispose]: () => front.stop() }
  },
}
