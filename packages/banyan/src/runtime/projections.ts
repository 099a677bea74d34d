import { advanceWithin } from '../events/checkpoint.ts'
import type { FeedEvent } from '../events/feed.ts'
import type { SubscriptionHandler } from '../events/subscription-handler.ts'
import { crashPoint } from '../kernel/crash-point.ts'
import { PreparedNames } from '../store/prepared.ts'
import type { ServiceDatabase } from '../store/service-database.ts'
import type { Sql } from '../store/sql.ts'
import { setTenant, type TenantSeparation } from '../store/tenant.ts'
import { applyInOrder, Overtaken, type Manners, type Step } from './apply-run.ts'
import type { DeliveryFacts } from './contexts.ts'
import type { Listener, Listening } from './listen.ts'
import { deliveryOf } from './reactions.ts'
import { rowsOf } from './sql-side.ts'
import { inTransaction } from './sql-transaction.ts'

/** Transactions of one projection come one after the other, whichever replica runs them: rows that sums from several keys share are locked in no order. */
const inTurn = /* sql */ `select pg_advisory_xact_lock('banyan_subscriptions'::regclass::oid::int, hashtext($1))`

/** Applies events to a projection's tables, many per transaction, together with the checkpoint; tells `moved` when they are committed. */
export function projectionHandler(batches: ProjectionBatches, moved: () => void): SubscriptionHandler {
  return {
    kind: 'batch',
    async handle(events, advances, { attempt }) {
      const steps = batches.steps(events, attempt)
      if (steps.length === 0) return 'ignored'
      await batches.apply(steps, {
        first: (sql) => sql.query(inTurn, [advances[0]!.subscription]),
        async last(sql) {
          crashPoint('projection.applied')
          await advanceWithin(sql, advances)
        },
      })
      crashPoint('projection.committed')
      moved()
      return 'committed'
    },
  }
}

/** What else a transaction does, before and after. */
interface Around {
  first?(sql: Sql): Promise<unknown>
  last?(sql: Sql): Promise<unknown>
}

/** Runs what a projection does about events, each batch in a transaction. */
export class ProjectionBatches {
  readonly #database: ServiceDatabase
  readonly #listening: Listening
  readonly #manners: Manners = new WeakMap()
  readonly #names = new PreparedNames()
  readonly #tenants: TenantSeparation | undefined

  /** `tenants`: how their rows are kept apart, and then each event is applied as its own tenant. */
  constructor(database: ServiceDatabase, listening: Listening, tenants: TenantSeparation | undefined) {
    this.#database = database
    this.#listening = listening
    this.#tenants = tenants
  }

  /**
   * What to run for events, none for those that nobody listens to: singly in their order, then, of those that are applied together, each
   * kind once for each tenant kept apart, in the order of the declaration.
   */
  steps(events: readonly FeedEvent[], attempt: number): readonly Step[] {
    const singly: Step[] = []
    const together = new Map<string, Group>()
    for (const event of events) {
      const match = this.#listening.find(event)
      if (!match) continue
      const { listener, data } = match
      const delivery = deliveryOf(event, attempt)
      const tenant = this.#tenants && event.tenant
      if (listener.together === undefined) singly.push(this.#step(listener, data, { event: delivery }, tenant))
      else groupOf(together, listener, tenant).applied.push({ data, event: delivery })
    }
    const groups = [...together.values()].sort((one, other) => one.listener.together! - other.listener.together!)
    return [...singly, ...groups.map(({ listener, applied, tenant }) => this.#step(listener, applied, {}, tenant))]
  }

  /** Runs them in one transaction: commits all of it, or nothing. */
  async apply(steps: readonly Step[], around: Around = {}): Promise<void> {
    while (!(await this.#applied(steps, around)));
  }

  /** `false`: nothing was committed, and the same is to be run again. */
  async #applied(steps: readonly Step[], { first, last }: Around): Promise<boolean> {
    try {
      await inTransaction(this.#database, async (client) => {
        await first?.(client)
        await applyInOrder(client, steps, this.#manners, this.#names)
        await last?.(client)
      })
      return true
    } catch (error) {
      if (error instanceof Overtaken || this.#names.renewAfter(error)) return false
      throw error
    }
  }

  #step(listener: Listener, given: unknown, more: { readonly event?: DeliveryFacts }, tenant: string | undefined): Step {
    const run = (sql: Sql): unknown => listener.run(given as never, this.#contextOf(sql, more) as never)
    if (tenant === undefined) return { kind: listener, run }
    // statements reach the server in the order of the steps, so this one holds until that of the next step
    return { kind: listener, run: (sql) => Promise.all([sql.query(setTenant, [tenant]), (async () => run(sql))()]) }
  }

  #contextOf(sql: Sql, more: { readonly event?: DeliveryFacts }): object {
    const database = this.#database
    return {
      // made for those who ask for it
      get db() {
        return database.kysely<never>(sql)
      },
      query: rowsOf(sql),
      ...more,
    }
  }
}

/** Events that are applied together. */
interface Group {
  readonly listener: Listener
  readonly tenant: string | undefined
  readonly applied: { data: unknown; event: DeliveryFacts }[]
}

function groupOf(groups: Map<string, Group>, listener: Listener, tenant: string | undefined): Group {
  const key = `${listener.together} ${tenant ?? ''}`
  const known = groups.get(key)
  if (known) return known
  const group: Group = { listener, tenant, applied: [] }
  groups.set(key, group)
  return group
}
