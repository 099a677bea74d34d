import { implement, postgres } from 'banyan'
import { payments } from './contract.ts'
import type { Provider } from './provider.ts'
import { webhookSecret } from './signature.ts'
import { simulatedProvider } from './simulated-provider.ts'
import type { Tables } from './tables.ts'

export const { handler, projection, service } = implement(payments, {
  // it sends commands to itself: work that is not lost once it is promised
  uses: { payments },
  store: postgres<Tables>({ migrations: import.meta.resolve('./migrations') }),
  secrets: [webhookSecret],
})

/** The card provider in use; a real one would be chosen here. */
export const provider: Provider = simulatedProvider()
