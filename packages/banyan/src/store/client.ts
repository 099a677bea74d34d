import pg from 'pg'
import { addressOf, type Login } from './address.ts'
import { sqlError } from './sql-errors.ts'

/**
 * A connected client. Its later loss is told by its `end` event and by its queries failing, and does not end the process as an unheard
 * `error` event would. Throws `database_unreachable`, `database_login_failed`, `database_missing` or `overloaded`.
 */
export async function connectClient(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client(config)
  client.on('error', () => {})
  try {
    await client.connect()
    return client
  } catch (error) {
    await client.end().catch(() => {})
    throw sqlError(error, addressOf(config as Login))
  }
}
