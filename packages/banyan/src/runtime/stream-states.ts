import type { Folds } from '../events/fold.ts'
import { eventLog, type EventLog, type StreamRange } from '../events/log.ts'
import { StateCache, type Proposal, type StreamState } from '../events/state-cache.ts'
import type { Outcome } from '../events/unit.ts'
import { BanyanError } from '../kernel/errors.ts'
import type { StateOf } from '../model/aggregate.ts'
import type { AsOf, Loaded } from '../model/context.ts'
import type { Awaitable } from '../model/schema.ts'
import type { Sql } from '../store/sql.ts'
import { Turns } from './turns.ts'
import { streamOf, type RunnableAggregate } from './unit-of-work.ts'

interface Wanted {
  readonly minted: boolean
  /** The connection of a unit that holds one: it decides on what is committed, and does not wait for a second while others do the same. */
  readonly via: Awaitable<Sql> | undefined
}

/** The states that decisions of one service in this process are made on. */
export class StreamStates {
  readonly turns: Turns = new Turns()
  readonly #log: EventLog
  readonly #cache = new StateCache()
  readonly #aggregates = new Map<string, RunnableAggregate>()

  constructor(log: EventLog) {
    this.#log = log
  }

  /**
   * The state to decide on: with what is submitted, or (`via`) only with what is committed. It may be out of date; the commit tells. Of a
   * stream whose id was `minted` just now nothing is read, since it can only be there if the command is a repeat.
   */
  async current(aggregate: RunnableAggregate, id: string, { minted, via }: Wanted): Promise<StreamState> {
    const stream = streamOf(aggregate, id)
    const known = via ? this.#cache.committed(stream) : this.#cache.latest(stream)
    if (known) return known
    if (minted) return { version: 0, state: aggregate.initial }
    if (via) return (await eventLog(await via).fold(foldsOf(aggregate), stream)).state
    return this.#cache.load(stream, () => this.#log.fold(foldsOf(aggregate), stream))
  }

  submit(proposals: readonly Proposal[], commit: () => Promise<Outcome>): Promise<Outcome> {
    return this.#cache.submit(proposals, commit)
  }

  forget(streams: Iterable<string>): void {
    this.#cache.forget(streams)
  }

  /** The state as the log has it, now or in the past. */
  readonly load = async (aggregate: StateOf<unknown>, id: string, asOf?: AsOf): Promise<Loaded<unknown>> => {
    const runnable = aggregate as RunnableAggregate
    this.know(runnable)
    const range: StreamRange = asOf === undefined ? {} : 'version' in asOf ? { version: asOf.version } : { at: asOf.at }
    const { state } = await this.#log.fold(foldsOf(runnable), streamOf(aggregate, id), range)
    return { state: state.state, version: state.version }
  }

  /** Streams are named by their aggregate, so two aggregates of one name would read each other's events. */
  know(aggregate: RunnableAggregate): void {
    const known = this.#aggregates.get(aggregate.name)
    if (known === aggregate) return
    if (known) throw new BanyanError('invalid_transaction', `the service has two aggregates called '${aggregate.name}'; their streams would mix, so rename one`)
    this.#aggregates.set(aggregate.name, aggregate)
  }
}

/** How the events of an aggregate become its state. Throws `invalid_event` for one that it does not know. */
export function foldsOf({ name, initial, evolve }: RunnableAggregate): Folds<unknown> {
  return {
    initial,
    evolve(state, { type, data }) {
      const apply = evolve[type]
      if (!apply)
        throw new BanyanError(
          'invalid_event',
          `the log has the event ${name}.${type}, which the aggregate does not know; is this process older than the one that wrote it?`,
        )
      return apply(state, data)
    },
  }
}
