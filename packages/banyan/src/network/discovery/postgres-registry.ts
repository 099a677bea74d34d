import { systemClock, type Clock } from '../../kernel/clock.ts'
import type { Log } from '../../model/context.ts'
import type { Sql } from '../../store/sql.ts'
import { announcing } from './announcing.ts'
import { outage } from './outage.ts'
import { patientReader } from './patient-reader.ts'
import { makeRegistryTable, readInstances, removeInstance, renewInstance } from './registry-table.ts'
import type { Instance, Registry } from './registry.ts'
import { watches } from './watches.ts'

export interface PostgresRegistryOptions {
  readonly app: string
  /** Connections that may make a schema, where it is missing; may go through PgBouncer. */
  readonly sql: Sql
  /** How long an instance that crashed stays listed, in milliseconds by the database's clock; 10,000 unless said. */
  readonly leaseMs?: number
  /** Milliseconds between two looks at the list; 500 unless said. */
  readonly lookMs?: number
  readonly clock?: Clock
  readonly log?: Log | undefined
}

/** Time for a look to be answered and heard on a busy machine. */
const ANSWER_MS = 500

/**
 * Leases in the app's own PostgreSQL (Gray and Cheriton, "Leases", 1989): an instance renews every third of its lease and is gone when the
 * lease ends. A query twice a second looks at all units that this process watches, and carries a list only where it differs. Only the
 * database's clock counts, and no session state is used.
 */
export function postgresRegistry(options: PostgresRegistryOptions): Registry {
  const { app, sql, leaseMs = 10_000, lookMs = 500, clock = systemClock, log } = options
  const stop = new AbortController()
  const trouble = outage('The registry in the database', log)
  const renew = (instance: Instance) => renewInstance(sql, app, instance, leaseMs)
  const told = announcing({ leaseMs, clock, trouble, register: renew, renew, remove: (id) => removeInstance(sql, app, id) })
  let table: Promise<void> | undefined
  let looking: Promise<void> | undefined
  let woken = new AbortController()
  // made once; a failure is forgotten, so that the next who needs it tries again
  const ready = (): Promise<void> =>
    (table ??= makeRegistryTable(sql, app).catch((error: unknown) => {
      table = undefined
      throw error
    }))

  // a unit that comes between two looks is looked at soon, by a look of its own
  const watching = watches(() => {
    woken.abort()
    looking ??= look()
  })

  async function look(): Promise<void> {
    const reader = patientReader((units, tag) => readInstances(sql, app, units, tag), { patienceMs: leaseMs, clock })
    while (!stop.signal.aborted) {
      woken = new AbortController()
      const { units } = watching
      try {
        if (units.length > 0) await ready()
        const found = await reader(units)
        if (found)
          for (const unit of units)
            watching.tell(
              unit,
              found.filter((one) => one.unit === unit),
            )
        if (units.length > 0) trouble.over()
      } catch (error) {
        trouble.failed(error)
      }
      await clock.wait(lookMs, AbortSignal.any([stop.signal, woken.signal]))
    }
  }

  return {
    settleMs: lookMs + ANSWER_MS,
    async announce(instance) {
      await ready()
      return told.announce(instance)
    },
    watch: (unit, changed) => watching.add(unit, changed),
    async [Symbol.asyncDispose]() {
      stop.abort()
      watching.end()
      await Promise.all([looking, told.end()])
    },
  }
}
