import { systemClock, type Clock } from '../kernel/clock.ts'
import { crashPoint } from '../kernel/crash-point.ts'
import { uuidv7 } from '../kernel/id.ts'
import type { Log } from '../model/context.ts'
import type { Sql } from '../store/sql.ts'
import type { SubscriptionKey } from './checkpoint.ts'
import { PARTITIONS } from './event.ts'
import { beatStatement, leaveStatement, releaseStatement, seedSubscriptions, type Holding, type Lease } from './lease-sql.ts'
import { failureOf } from './parked.ts'
import { Wakeup } from './wakeup.ts'

export interface LeasesOptions {
  /** Best a connection of its own: handlers that use up a pool must not keep leases from being renewed. */
  readonly sql: Sql
  /** Name of this process among the replicas; a new one at every start. */
  readonly owner?: string
  /** How long a silent replica keeps its partitions, in milliseconds by the database's clock; 10,000 unless said. */
  readonly leaseMs?: number
  readonly partitions?: number
  readonly clock?: Clock
  readonly log?: Log
}

/** Who works on the partitions of a subscription. */
export interface Participant extends SubscriptionKey {
  granted(leases: readonly Lease[]): void
  /** Another replica has them; nothing may be done for them any more, and nothing would commit. */
  lost(partitions: readonly number[]): void
  /** Finish what is begun and start nothing new; they are released when this resolves. */
  giveUp(partitions: readonly number[]): Promise<void>
}

export interface Membership {
  /** Tells that a commit found the lease lost, so that the next beat decides anew. */
  dropped(partition: number): void
  /** Gives everything back: finishes, releases, and is no longer counted among the replicas. */
  leave(): Promise<void>
}

/**
 * Shares the partitions of subscriptions among the replicas of a service: each partition has at most one owner per epoch, each replica
 * its fair share. A silent replica loses its partitions after the lease time; a new one gets its share as the others finish what they
 * are at. One statement per beat, a third of the lease time apart, serves all subscriptions of the process.
 */
export interface Leases extends AsyncDisposable {
  readonly owner: string
  /** Takes part in sharing a subscription from the next beat on, which comes at once. */
  join(participant: Participant): Promise<Membership>
  /** Says that this process lives, takes what is free, and asks participants to give up what is above the fair share. */
  beat(): Promise<void>
}

/** Begins to beat; nothing is taken before somebody joins. */
export function partitionLeases(options: LeasesOptions): Leases {
  return new BeatingLeases(options)
}

interface Seat {
  readonly participant: Participant
  /** Partition → epoch. */
  readonly held: Map<number, number>
  /** Held, but being finished in order to give them back. */
  readonly leaving: Set<number>
  fair: number
  left?: Promise<void>
}

class BeatingLeases implements Leases {
  readonly owner: string
  readonly #sql: Sql
  readonly #leaseMs: number
  readonly #partitions: number
  readonly #clock: Clock
  readonly #log: Log | undefined
  readonly #seats = new Map<string, Seat>()
  readonly #changed = new Wakeup()
  readonly #stop = new AbortController()
  readonly #running: Promise<void>
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: LeasesOptions) {
    this.owner = options.owner ?? uuidv7()
    this.#sql = options.sql
    this.#leaseMs = options.leaseMs ?? 10_000
    this.#partitions = options.partitions ?? PARTITIONS
    this.#clock = options.clock ?? systemClock
    this.#log = options.log
    this.#running = this.#run()
  }

  async join(participant: Participant): Promise<Membership> {
    await seedSubscriptions(this.#sql, [participant], this.#partitions)
    const seat: Seat = { participant, held: new Map(), leaving: new Set(), fair: 0 }
    this.#seats.set(nameOf(participant), seat)
    this.#changed.wake()
    return { dropped: (partition) => this.#dropped(seat, partition), leave: () => this.#leave(seat) }
  }

  beat(): Promise<void> {
    return this.#inTurn(async () => {
      const keys = [...this.#seats.values()].map((seat) => seat.participant)
      if (keys.length === 0) return
      const holdings = await beatStatement(this.#sql, this.owner, keys, this.#leaseMs, this.#partitions)
      if (holdings.some(({ leases }) => leases.length > 0)) crashPoint('lease.taken')
      for (const holding of holdings) {
        const seat = this.#seats.get(nameOf(holding))
        if (seat) this.#settle(seat, holding)
      }
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
    await Promise.all([...this.#seats.values()].map((seat) => this.#leave(seat)))
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const seen = this.#changed.count
      await this.beat().catch((error: unknown) => this.#log?.warn('A lease beat failed and is tried again', { error: failureOf(error) }))
      const short = [...this.#seats.values()].some((seat) => seat.held.size < seat.fair)
      await this.#changed.after(seen, short ? this.#leaseMs / 15 : this.#leaseMs / 3, this.#stop.signal, this.#clock)
    }
  }

  #settle(seat: Seat, { fair, leases }: Holding): void {
    const { held, leaving, participant } = seat
    const epochs = new Map(leases.map((lease) => [lease.partition, lease.epoch]))
    const lost = [...held].filter(([partition, epoch]) => epochs.get(partition) !== epoch).map(([partition]) => partition)
    for (const partition of lost) {
      held.delete(partition)
      leaving.delete(partition)
    }
    if (lost.length > 0) participant.lost(lost)
    const granted = leases.filter((lease) => !held.has(lease.partition))
    for (const { partition, epoch } of granted) held.set(partition, epoch)
    if (granted.length > 0) participant.granted(granted)
    seat.fair = fair
    const surplus = [...held].filter(([partition]) => !leaving.has(partition)).slice(fair)
    if (surplus.length > 0) void this.#giveUp(seat, new Map(surplus))
  }

  async #giveUp(seat: Seat, epochs: ReadonlyMap<number, number>): Promise<void> {
    for (const partition of epochs.keys()) seat.leaving.add(partition)
    try {
      await seat.participant.giveUp([...epochs.keys()])
      await this.#inTurn(() => releaseStatement(this.#sql, this.owner, seat.participant, epochs))
    } catch (error) {
      this.#log?.warn('Partitions could not be released; they are free when the lease ends', { error: failureOf(error) })
    }
    for (const [partition, epoch] of epochs) {
      if (seat.held.get(partition) !== epoch) continue
      seat.held.delete(partition)
      seat.leaving.delete(partition)
    }
  }

  #dropped(seat: Seat, partition: number): void {
    // in turn: a beat under way may have read the row before the commit that made this one fail, and must not grant from it
    void this.#inTurn(async () => {
      seat.held.delete(partition)
      seat.leaving.delete(partition)
      this.#changed.wake()
    })
  }

  #leave(seat: Seat): Promise<void> {
    seat.left ??= (async () => {
      this.#seats.delete(nameOf(seat.participant))
      try {
        await seat.participant.giveUp([...seat.held.keys()])
        await this.#inTurn(() => leaveStatement(this.#sql, this.owner, seat.participant))
      } catch (error) {
        this.#log?.warn('A subscription could not be left in order; its partitions are free when the lease ends', { error: failureOf(error) })
      }
    })()
    return seat.left
  }

  /** Beats and releases follow one another: a beat that read before a release would grant what was just given back. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => undefined)
    return result
  }
}

function nameOf({ subscription, source }: SubscriptionKey): string {
  return JSON.stringify([subscription, source])
}
