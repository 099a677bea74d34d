import { crashPoint } from '../kernel/crash-point.ts'
import type { Deadline } from '../kernel/deadline.ts'
import { BanyanError } from '../kernel/errors.ts'
import { fullJitter } from '../kernel/backoff.ts'
import { sqlError } from '../store/sql-errors.ts'
import { adoptIncarnation, commitAdvance, readCheckpoints, type Checkpoint } from './checkpoint.ts'
import type { Positions } from './feed.ts'
import { Lane, type LaneSettings } from './subscription-lane.ts'
import type { Lease } from './lease-sql.ts'
import type { Membership, Participant } from './leases.ts'
import { failureOf, parkedKeys, type ParkedHead } from './parked.ts'
import { Puller } from './subscription-puller.ts'
import { retryParked } from './retry-parked.ts'
import { Slots } from './slots.ts'
import type { Subscription, SubscriptionOptions, SubscriptionStatus } from './subscription.ts'
import { Wakeup } from './wakeup.ts'

type Defaults = 'concurrency' | 'batchSize' | 'prefetch' | 'attempts' | 'backoff' | 'checkpointMs' | 'waitMs' | 'drainMs' | 'clock'
export type RunnerOptions = SubscriptionOptions & Required<Pick<SubscriptionOptions, Defaults>>

/** Ties the parts of a subscription together: leases give and take lanes, the puller fills them, checkpoints without effects are moved in bulk. */
export class Runner implements Subscription, Participant {
  readonly subscription: string
  readonly source: string
  readonly #options: RunnerOptions
  readonly #settings: LaneSettings
  readonly #lanes = new Map<number, Lane>()
  /** Partition → epoch of leases whose parked keys are being looked up. */
  readonly #opening = new Map<number, number>()
  readonly #progress = new Wakeup()
  readonly #stop = new AbortController()
  readonly #puller: Puller
  readonly #background = new Set<Promise<void>>()
  #membership: Membership | undefined
  #disposing: Promise<void> | undefined

  constructor(options: RunnerOptions) {
    this.subscription = options.subscription
    this.source = options.source
    this.#options = options
    const { handler, sql, batchSize, attempts, backoff, clock, log } = options
    this.#settings = {
      handler,
      sql,
      batchSize,
      attempts,
      backoff,
      clock,
      log,
      key: { subscription: options.subscription, source: options.source },
      slots: new Slots(options.concurrency),
      lanes: () => this.#lanes.values(),
      progressed: (lane) => this.#progressed(lane),
      dropped: (lane) => this.#dropped(lane),
    }
    this.#puller = new Puller({
      backoff,
      clock,
      log,
      feed: options.feed,
      types: options.types,
      prefetch: options.prefetch,
      together: handler.kind === 'batch' ? Math.max(1, Math.floor(options.prefetch / batchSize)) : Infinity,
      waitMs: options.waitMs,
      lanes: this.#lanes,
      changed: this.#progress,
      stop: this.#stop.signal,
      adopt: (incarnation) => adoptIncarnation(sql, this, incarnation),
    })
  }

  async start(): Promise<void> {
    this.#membership = await this.#options.leases.join(this)
    this.#keep(this.#puller.run())
    this.#keep(this.#moveCheckpoints())
  }

  granted(leases: readonly Lease[]): void {
    for (const { partition, epoch } of leases) this.#opening.set(partition, epoch)
    this.#keep(this.#open(leases))
  }

  lost(partitions: readonly number[]): void {
    for (const partition of partitions) {
      this.#opening.delete(partition)
      this.#lanes.get(partition)?.abort()
      this.#lanes.delete(partition)
    }
    this.#progress.wake()
  }

  async giveUp(partitions: readonly number[]): Promise<void> {
    for (const partition of partitions) this.#opening.delete(partition)
    const lanes = partitions.flatMap((partition) => this.#lanes.get(partition) ?? [])
    await Promise.all(lanes.map((lane) => lane.close()))
    await this.#move(lanes)
    for (const lane of lanes) if (this.#lanes.get(lane.partition) === lane) this.#lanes.delete(lane.partition)
    this.#progress.wake()
  }

  status(): SubscriptionStatus {
    const { failure } = this.#puller
    const incarnation = [...this.#lanes.values()].find((lane) => lane.incarnation !== null)?.incarnation
    const now = this.#options.clock.now().getTime()
    const partitions = [...this.#lanes.values()].map((lane) => ({
      partition: lane.partition,
      epoch: lane.epoch,
      position: lane.done,
      head: lane.head,
      queued: lane.queue.length,
      behindMs: lane.queue[0] ? Math.max(0, now - lane.queue[0].at.getTime()) : 0,
      failures: lane.trouble?.failures ?? 0,
      ...(lane.trouble && { error: lane.trouble.failure }),
      parked: [...lane.parked],
    }))
    return {
      ...this.#settings.key,
      ...(incarnation && { incarnation }),
      ...(failure && { error: failure }),
      partitions: partitions.sort((a, b) => a.partition - b.partition),
    }
  }

  async caughtUp(positions: Positions, deadline: Deadline, signal?: AbortSignal): Promise<void> {
    const behind = new Map(positions)
    for (;;) {
      const seen = this.#progress.count
      for (const [partition, position] of behind) if ((this.#lanes.get(partition)?.done ?? -1) >= position) behind.delete(partition)
      const elsewhere = [...behind.keys()].filter((partition) => !this.#lanes.has(partition))
      if (elsewhere.length > 0) {
        for (const { partition, position } of await this.#checkpoints(elsewhere)) if (position >= behind.get(partition)!) behind.delete(partition)
      }
      if (behind.size === 0) return
      if (signal?.aborted) throw new BanyanError('cancelled', `Waiting for ${this.subscription} was given up`)
      if (deadline.expired) throw this.#late(behind)
      // other replicas' progress is seen in the database only
      await this.#progress.after(seen, elsewhere.length > 0 ? Math.min(25, deadline.left()) : deadline.left(), signal)
    }
  }

  async #checkpoints(partitions: readonly number[]): Promise<readonly Checkpoint[]> {
    try {
      return await readCheckpoints(this.#options.sql, this, partitions)
    } catch (error) {
      throw sqlError(error)
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposing ??= this.#dispose()
    return this.#disposing
  }

  async #dispose(): Promise<void> {
    const { drainMs, clock, log } = this.#options
    this.#stop.abort()
    const drained = new AbortController()
    const leaving = Promise.all([this.#membership?.leave(), ...this.#background]).then(() => drained.abort())
    await clock.wait(drainMs, drained.signal)
    for (const lane of this.#lanes.values()) lane.abort()
    await clock.wait(1_000, drained.signal)
    if (drained.signal.aborted) return leaving
    log?.warn('A handler did not finish in the time to drain; its partitions are free when the lease ends', { ...this.#settings.key })
  }

  async #open(leases: readonly Lease[]): Promise<void> {
    const { sql, backoff, clock, log } = this.#options
    const wanted = () => leases.filter((lease) => this.#opening.get(lease.partition) === lease.epoch)
    for (let failures = 1; wanted().length > 0 && !this.#stop.signal.aborted; failures++) {
      try {
        const heads = await parkedKeys(
          sql,
          this,
          leases.map((lease) => lease.partition),
        )
        for (const lease of wanted()) this.#admit(lease, heads)
        return await this.#resume(heads)
      } catch (error) {
        log?.warn('Parked keys could not be read; tried again', { ...this.#settings.key, error: failureOf(error) })
        await clock.wait(fullJitter(backoff, failures), this.#stop.signal)
      }
    }
  }

  #admit(lease: Lease, heads: readonly ParkedHead[]): void {
    this.#opening.delete(lease.partition)
    const parked = heads.filter((head) => head.partition === lease.partition).map((head) => head.stream)
    const lane = new Lane(this.#settings, lease, parked)
    this.#lanes.set(lease.partition, lane)
    this.#progressed(lane)
  }

  /** Keys that wait for a consumer that knows a newer event may have it in this process. */
  async #resume(heads: readonly ParkedHead[]): Promise<void> {
    const { handler, sql, log } = this.#options
    for (const { stream } of heads.filter((head) => head.error.code === 'newer_event')) {
      if (this.#stop.signal.aborted) return
      try {
        await this.#settings.slots.run(() => retryParked(sql, { ...this.#settings.key, stream }, handler, this.#stop.signal))
      } catch (error) {
        log?.warn('A parked key could not be resumed', { ...this.#settings.key, stream, error: failureOf(error) })
      }
    }
  }

  async #moveCheckpoints(): Promise<void> {
    const { clock, checkpointMs } = this.#options
    while (!this.#stop.signal.aborted) {
      const seen = this.#progress.count
      const lanes = [...this.#lanes.values()].filter((lane) => lane.done > lane.committed)
      if (lanes.length === 0) await this.#progress.after(seen, 60_000, this.#stop.signal, clock)
      else {
        await clock.wait(checkpointMs, this.#stop.signal)
        await this.#move([...this.#lanes.values()])
      }
    }
  }

  async #move(lanes: readonly Lane[]): Promise<void> {
    const moving = lanes.filter((lane) => lane.done > lane.committed).map((lane) => ({ lane, advance: lane.advanceTo(lane.done) }))
    try {
      crashPoint('checkpoint.before')
      const moved = await commitAdvance(
        this.#options.sql,
        moving.map(({ advance }) => advance),
      )
      for (const [index, { lane, advance }] of moving.entries()) {
        if (moved[index] === 'lease_lost') this.#dropped(lane)
        if (moved[index] === 'moved') lane.committed = Math.max(lane.committed, advance.position)
      }
    } catch (error) {
      this.#options.log?.warn('Checkpoints could not be moved; the events are looked at again after a restart', {
        ...this.#settings.key,
        error: failureOf(error),
      })
    }
  }

  #progressed(lane: Lane): void {
    this.#progress.wake()
    this.#puller.nudge(lane)
  }

  #dropped(lane: Lane): void {
    lane.abort()
    if (this.#lanes.get(lane.partition) !== lane) return
    this.#lanes.delete(lane.partition)
    this.#membership?.dropped(lane.partition)
  }

  #late(behind: Positions): BanyanError {
    const [partition, position] = [...behind][0]!
    const lane = this.#lanes.get(partition)
    const where = lane ? `it is at ${lane.done}${lane.trouble ? `, held up by: ${lane.trouble.failure.message}` : ''}` : 'another replica runs it'
    return new BanyanError(
      'deadline_exceeded',
      `${this.subscription} has not reached position ${position} of partition ${partition} of ${this.source} in the time allowed: ${where}`,
    )
  }

  #keep(work: Promise<void>): void {
    this.#background.add(work)
    void work.finally(() => this.#background.delete(work))
  }
}
