import type pg from 'pg'
import { BanyanError } from '../../kernel/errors.ts'
import { clientConfig, type Login } from '../address.ts'
import { connectClient } from '../client.ts'
import { factColumns, type ServerFacts } from '../requirements.ts'
import { isConnectionFailure, sqlError } from '../sql-errors.ts'

// advisory lock keys in the server's own database; the first number spells 'bany'
const USERS = '1650552441, 1'
const WATCHER = '1650552441, 2'

/**
 * A process's stay at the embedded server: one connection that holds a shared lock for as long as the process uses the server, so that
 * whoever leaves last can know it, and that breaks at once when the server dies.
 */
export interface Presence {
  readonly client: pg.Client
  readonly facts: ServerFacts
  readonly watched: boolean
}

/** Enters the server of data directory `data`; `undefined` when none answers there (any more, or yet). */
export async function enter(login: Login, data: string): Promise<Presence | undefined> {
  let client: pg.Client
  try {
    client = await connectClient(clientConfig(login, 'banyan presence'))
  } catch (error) {
    if (BanyanError.is(error, 'database_unreachable')) return undefined
    throw error
  }
  try {
    // blocks while the last user is stopping the server, and fails when it has
    const { rows } = await client.query<ServerFacts & { directory: string; watched: boolean }>(`
      select pg_advisory_lock_shared(${USERS}), current_setting('data_directory') as directory,
        exists (select from pg_locks where locktype = 'advisory' and (classid, objid) = (${WATCHER}) and granted) as watched, ${factColumns}`)
    const { directory, watched, ...facts } = rows[0]!
    if (directory === data || login.host === data) return { client, facts, watched }
    await client.end()
    return undefined
  } catch (error) {
    await client.end().catch(() => {})
    if (isConnectionFailure(error)) return undefined
    throw sqlError(error)
  }
}

/** Ends the stay. `true` when nobody else is there: then nobody can enter until `client` is closed, so the server may be stopped. */
export async function leave(client: pg.Client): Promise<boolean> {
  await client.query(`select pg_advisory_unlock_shared(${USERS})`)
  return await tryAlone(client)
}

/** Takes the place of the one watcher; `false` when it is taken. */
export async function tryWatch(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ got: boolean }>(`select pg_try_advisory_lock(${WATCHER}) as got`)
  return rows[0]!.got
}

/** Keeps everybody out if nobody is in. */
export async function tryAlone(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ got: boolean }>(`select pg_try_advisory_lock(${USERS}) as got`)
  return rows[0]!.got
}

export async function letIn(client: pg.Client): Promise<void> {
  await client.query(`select pg_advisory_unlock(${USERS})`)
}
