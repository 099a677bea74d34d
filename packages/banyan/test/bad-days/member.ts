import { start } from '../../src/index.ts'
import { silentLog } from '../../src/observe/log.ts'
import relay, { conduct } from './relay.ts'
import { stepClock } from './stepped-clock.ts'

export type MemberOptions = Omit<NonNullable<Parameters<typeof start>[1]>, 'log' | 'signal'>
/** What the process of a unit is told while it runs. */
export interface MemberOrder {
  readonly waitMs?: number
  /** By how much its wall clock is to be ahead of the machine's. */
  readonly aheadMs?: number
}
/** What it answers. */
export interface MemberState {
  readonly handled: number
}

/** One unit of the relay in a process of its own: opens at once, does as it is told, and stops in order when its parent lets go. */
if (import.meta.main) {
  conduct.name = process.argv[2]!
  process.once('disconnect', () => setTimeout(() => process.exit(1), 30_000).unref())
  const letGo = new Promise((resolve) => process.once('disconnect', resolve))
  await using _unit = await start(relay, { ...(JSON.parse(process.argv[3]!) as MemberOptions), log: silentLog })
  process.on('message', ({ waitMs, aheadMs }: MemberOrder) => {
    if (waitMs !== undefined) conduct.waitMs = waitMs
    if (aheadMs !== undefined) stepClock(aheadMs)
    process.send!({ handled: conduct.handled } satisfies MemberState)
  })
  process.send!({ handled: 0 } satisfies MemberState)
  await letGo
}
