import { anyone, app, client, contract, implement, query, start, topology } from 'banyan'
import type { Contender, Place } from '../contender.ts'
import { Enquiry, Quote, quote } from '../quote.ts'

const pricing = contract('pricing', { quote: query({ http: 'POST /quotes', input: Enquiry, output: Quote }) })
const sales = contract('sales', {})

const market = app('market', {
  services: {
    pricing: async () => ({ default: implement(pricing).service({ handlers: { quote }, policies: { quote: { access: anyone() } } }) }),
    sales: async () => ({ default: implement(sales, { uses: { pricing } }).service({ handlers: {} }) }),
  },
  topologies: { apart: topology({ units: { front: ['sales'], back: ['pricing'] } }) },
})

function optionsOf({ options, caller, callee }: Place, unit: 'front' | 'back'): NonNullable<Parameters<typeof start>[1]> {
  const addresses = { front: `http://127.0.0.1:${caller}`, back: `http://127.0.0.1:${callee}` }
  return { ...options, topology: 'apart', unit, addresses, port: unit === 'front' ? caller : callee, secret: 'a secret that the two units share' }
}

/** Two units of an app, connected as the framework connects them by itself. */
export const banyan: Contender = {
  name: 'Banyan',
  remarks: `two units of an app. Input and output checked and stripped by zod; access rule; caller and identity signed; deadline, trace,
  correlation, session; a new chain for every call; balancing, outlier ejection, retries within a budget, bulkhead.`,
  callee: (place) => start(market, optionsOf(place, 'back')),
  async caller(place) {
    const running = await start(market, optionsOf(place, 'front'))
    return { call: (enquiry) => running.call.pricing.quote(enquiry), [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() }
  },
}

/** The same callee, called by the client for those outside. */
export const banyanHttp: Contender = {
  name: 'Banyan, HTTP and JSON',
  remarks: 'the same unit, called over its public route by the typed client; no identity.',
  callee: banyan.callee,
  async caller({ callee }) {
    const outside = client({ pricing }, { url: `http://127.0.0.1:${callee}` })
    return { call: (enquiry) => outside.pricing.quote(enquiry), [Symbol.asyncDispose]: () => outside[Symbol.asyncDispose]() }
  },
}
