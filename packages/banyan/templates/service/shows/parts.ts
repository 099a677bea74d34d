import { implement, postgres } from 'banyan'
import { shows } from './contract.ts'

/** The tables of `migrations/`, for Kysely. */
interface Tables {
  show: { show_id: string; title: string; seats_left: number }
}

export const { handler, projection, service } = implement(shows, {
  store: postgres<Tables>({ migrations: import.meta.resolve('./migrations') }),
})
