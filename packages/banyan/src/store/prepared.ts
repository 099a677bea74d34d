import type pg from 'pg'
import { isConnectionFailure, takesNoWrites } from './sql-errors.ts'
import type { Sql } from './sql.ts'

/** So many statements are kept prepared; whoever writes values into the text of statements fills it up, and no more than it. */
const MOST = 200

const direct = new WeakMap<pg.ClientBase, boolean>()

/**
 * Whether a connection leads to the server itself. Behind a pooler such as PgBouncer the next statement may meet another server process,
 * which shows in the process id that was given at the start being made up. Asked once for each connection.
 */
export async function isDirect(client: pg.ClientBase): Promise<boolean> {
  const known = direct.get(client)
  if (known !== undefined) return known
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const found = rows[0]!.pid === (client as unknown as { processID: number }).processID
  direct.set(client, found)
  return found
}

/** How often names are given up for new ones before there are none any more. */
const MOST_RENEWALS = 3

/** Names for the statements that come again and again, so that the server parses and plans them once per connection. */
export class PreparedNames {
  readonly #names = new Map<string, string | undefined>()
  #renewals = 0

  /** The name of a statement that came before; none at first, nor where there are too many. */
  of(text: string): string | undefined {
    const known = this.#names.get(text)
    if (known !== undefined || this.#renewals > MOST_RENEWALS) return known
    const name = this.#names.has(text) ? `banyan ${++given}` : undefined
    if (name !== undefined || this.#names.size < MOST) this.#names.set(text, name)
    return name
  }

  /** Whether a statement failed only because it was prepared: the table has other columns now, or the server has forgotten it. Then all get new names. */
  renewAfter(error: unknown): boolean {
    const { code, message } = error as { code?: unknown; message?: unknown }
    if (this.#names.size === 0 || !(code === '26000' || (code === '0A000' && String(message).startsWith('cached plan')))) return false
    this.#names.clear()
    this.#renewals++
    return true
  }
}
let given = 0

/**
 * A pool, for the fixed statements that the framework repeats all the time: planning them took a third of what they cost. A value has no
 * place in their texts, since a connection keeps a plan for each text.
 */
export function repeating(pool: pg.Pool): Sql {
  const names = new PreparedNames()
  return {
    async query<Row extends object>(text: string, values: unknown[] = []) {
      const client = await pool.connect()
      let broken = false
      try {
        const name = (await isDirect(client)) ? names.of(text) : undefined
        return await client.query<Row>(name === undefined ? { text, values } : { name, text, values })
      } catch (error) {
        broken = isConnectionFailure(error) || takesNoWrites(error)
        if (!broken && names.renewAfter(error)) return await client.query<Row>(text, values)
        throw error
      } finally {
        client.release(broken)
      }
    },
  }
}
