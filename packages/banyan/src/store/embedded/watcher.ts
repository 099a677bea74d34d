import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import type { Login } from '../address.ts'
import type { Account } from './account.ts'
import { stopPostmaster } from './postmaster.ts'
import { letIn, tryAlone, tryWatch } from './presence.ts'

/** What the watching process is told, as JSON in the environment variable BANYAN_WATCH. */
export interface WatchOrder {
  readonly login: Login
  readonly data: string
  /** Path of pg_ctl. */
  readonly ctl: string
  readonly account?: Account
  /** Milliseconds without any user after which the server is stopped. */
  readonly stopAfter: number
}

/**
 * Runs as a process of its own beside the embedded server and stops it when nobody has used it for a while: what remains to be done
 * when its users were killed and none could leave in order. Ends with the server.
 */
export async function watch(order: WatchOrder): Promise<void> {
  const client = new pg.Client({ ...order.login, application_name: 'banyan watcher' })
  const gone = new Promise<void>((resolve) => client.once('end', resolve))
  client.on('error', () => {})
  await client.connect()
  if (await tryWatch(client)) await Promise.race([gone, untilUnused(client, order)])
  await client.end()
}

async function untilUnused(client: pg.Client, order: WatchOrder): Promise<void> {
  let unusedSince: number | undefined
  for (;;) {
    await wait(Math.min(15_000, order.stopAfter / 4))
    if (await tryAlone(client)) {
      unusedSince ??= performance.now()
      if (performance.now() - unusedSince >= order.stopAfter) return await stopPostmaster(order.data, order.ctl, order.account)
      await letIn(client)
    } else {
      unusedSince = undefined
    }
  }
}

if (process.env['BANYAN_WATCH'] !== undefined) {
  // so that whoever kills all processes named node leaves the one that cleans up after them
  process.title = 'banyan-watcher'
  const order = JSON.parse(process.env['BANYAN_WATCH']) as WatchOrder
  // the server, and with it the connection, may go at any moment, and then there is nothing left to watch
  await watch(order).catch(() => {})
  process.exit()
}
