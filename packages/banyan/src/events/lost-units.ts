import { BanyanError } from '../kernel/errors.ts'
import { isConnectionFailure, sqlError } from '../store/sql-errors.ts'
import type { Sql } from '../store/sql.ts'
import type { CommitConnection } from './commit-connection.ts'
import { commitEach } from './commit-each.ts'
import type { Waiting } from './commit-queue.ts'
import { partitionOf } from './partition.ts'
import type { Outcome, StreamAppend, Unit } from './unit.ts'

export interface SettleLostOptions {
  readonly answerMs: number
  readonly maxBatch: number
}

/**
 * Learns what became of units whose connection broke while they were under way, and settles them; answers those lost again.
 *
 * The old server process may still be at work on them, so that not finding them proves nothing. But a unit with a key, a checkpoint or
 * an exact version cannot be committed twice. It is committed again: whichever of the two comes first, the other fails, and if ours
 * does, the unit's events tell whether it lost to itself. For other units only finding their events is certain.
 */
export async function settleLost(connection: CommitConnection, lost: readonly Waiting[], { answerMs, maxBatch }: SettleLostOptions): Promise<Waiting[]> {
  const once = lost.filter((waiting) => !fencesItself(waiting.unit))
  const again = lost.filter((waiting) => fencesItself(waiting.unit))
  const still = await settleFound(
    connection,
    once.map((waiting) => ({ waiting, otherwise: undefined })),
  )
  for (let start = 0; start < again.length; start += maxBatch) {
    const refused: Refused[] = []
    const asked = again.slice(start, start + maxBatch).map((waiting) => ({
      ...waiting,
      original: waiting,
      settle: (outcome: Outcome) => (outcome.kind === 'committed' ? waiting.settle(outcome) : refused.push({ waiting, otherwise: outcome })),
    }))
    const lostAgain = await commitEach(connection, asked, answerMs)
    still.push(...lostAgain.map((waiting) => (waiting as (typeof asked)[number]).original), ...(await settleFound(connection, refused)))
  }
  return still
}

export function outcomeUnknown(why: string, cause?: unknown): BanyanError {
  return new BanyanError('outcome_unknown', `The connection broke while the unit was being committed, and ${why}`, { executed: 'maybe', cause })
}

interface Refused {
  readonly waiting: Waiting
  /** What it is answered if its events are not found. */
  readonly otherwise: Outcome | undefined
}

/** Whether a second commit of the same unit would fail, or add nothing. */
function fencesItself({ key, checkpoint, streams }: Unit): boolean {
  if (key || checkpoint) return true
  const appends = streams.filter(({ events }) => events.length > 0)
  return appends.length === 0 || appends.some(({ expected }) => typeof expected === 'number' || expected === 'absent')
}

async function settleFound({ client }: CommitConnection, asked: readonly Refused[]): Promise<Waiting[]> {
  const still: Waiting[] = []
  for (const { waiting, otherwise } of asked) {
    try {
      const outcome = (await findCommitted(client, waiting.unit)) ?? otherwise
      if (outcome) waiting.settle(outcome)
      else waiting.fail(outcomeUnknown('its events are not there, or not yet; repeat only under an idempotency key'))
    } catch (error) {
      if (isConnectionFailure(error)) still.push(waiting)
      else waiting.fail(outcomeUnknown('it could not be looked up', sqlError(error)))
    }
  }
  return still
}

/** The outcome of a unit whose events are in the log. */
async function findCommitted(client: Sql, { streams }: Unit): Promise<Outcome | undefined> {
  if (streams.every(({ events }) => events.length === 0)) return undefined
  const versions: number[] = []
  const positions = new Map<number, number>()
  for (const append of streams) {
    const found = await findLast(client, append)
    if (!found) return undefined
    versions.push(found.version)
    const partition = partitionOf(append.stream)
    if (found.position > 0) positions.set(partition, Math.max(positions.get(partition) ?? 0, found.position))
  }
  return { kind: 'committed', versions, positions: [...positions].map(([partition, position]) => ({ partition, position })) }
}

async function findLast(client: Sql, { stream, expected, events }: StreamAppend): Promise<{ version: number; position: number } | undefined> {
  const last = events.at(-1)
  if (!last && typeof expected === 'number') return { version: expected, position: 0 }
  const { rows } = last
    ? await client.query<Found>('select version, position from banyan_events where stream = $1 and id = $2', [stream, last.id])
    : await client.query<Found>('select coalesce(max(version), 0) as version, 0 as position from banyan_streams where stream = $1', [stream])
  return rows[0] && { version: rows[0].version, position: Number(rows[0].position) }
}

interface Found {
  readonly version: number
  readonly position: string
}
