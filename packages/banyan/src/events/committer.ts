import type pg from 'pg'
import { systemClock, type Clock } from '../kernel/clock.ts'
import { BanyanError } from '../kernel/errors.ts'
import { CommitLane } from './commit-lane.ts'
import { sizeOf } from './commit-queue.ts'
import { partitionOf } from './partition.ts'
import type { Outcome, Unit } from './unit.ts'

export interface CommitterOptions {
  /** Connections, each for its share of the partitions; 1 unless said. */
  readonly connections?: number
  /** How many batches may be under way on a connection, so that the next travels while one is committed; 2 unless said. */
  readonly depth?: number
  /** Most units of one commit; 512 unless said. */
  readonly maxBatch?: number
  /** Most bytes of one commit, unless a single unit is larger; 4 MiB unless said. */
  readonly maxBatchBytes?: number
  /** Most units that wait; 10,000 unless said. */
  readonly maxQueued?: number
  /** How long a commit may take before its connection is given up as broken, in milliseconds; 30,000 unless said. */
  readonly answerMs?: number
  /** How long connecting is tried before those who wait are told, in milliseconds; 2,000 unless said. */
  readonly reachMs?: number
  /** How long a unit under way when its connection broke may stay without an answer, in milliseconds; 30,000 unless said. */
  readonly resolveMs?: number
  readonly clock?: Clock
}

/** Commits units of one service in one process, many with one commit. */
export interface Committer extends AsyncDisposable {
  /**
   * Commits a unit with whatever else is waiting. A lone unit goes at once; while commits are under way the next batch gathers. On one
   * connection units are judged in the order of submission, so that one may build on another that is not answered yet.
   *
   * The outcome is final: `committed` is durable, anything else changed nothing. Rejects with `overloaded` (too many wait) or
   * `database_unreachable`, both with nothing executed; with `outcome_unknown` when the connection broke and what became of the unit
   * could not be learnt; and with what the database says about a value it refuses.
   */
  submit(unit: Unit): Promise<Outcome>
}

const defaults = { depth: 2, maxBatch: 512, maxBatchBytes: 4 * 1024 * 1024, answerMs: 30_000, reachMs: 2_000, resolveMs: 30_000, clock: systemClock }

/** Connections are opened when the first unit comes, and again after a failure. */
export function committer(database: { connect(): Promise<pg.Client> }, options: CommitterOptions = {}): Committer {
  const { connections = 1, maxQueued = 10_000, ...rest } = options
  const lanes = Array.from({ length: connections }, () => new CommitLane({ ...defaults, ...rest, connect: () => database.connect() }))
  let closed = false
  return {
    submit(unit) {
      if (closed) return Promise.reject(new BanyanError('draining', 'the service is shutting down and commits nothing more'))
      const queued = lanes.reduce((sum, lane) => sum + lane.queued, 0)
      if (queued >= maxQueued)
        return Promise.reject(new BanyanError('overloaded', `${queued} units wait to be committed, which is the most allowed; try again later`))
      const first = unit.streams[0]
      const lane = lanes[first ? partitionOf(first.stream) % lanes.length : 0]!
      return new Promise<Outcome>((settle, fail) => lane.add({ unit, bytes: sizeOf(unit), settle, fail }))
    },
    async [Symbol.asyncDispose]() {
      closed = true
      await Promise.all(lanes.map((lane) => lane[Symbol.asyncDispose]()))
    },
  }
}
