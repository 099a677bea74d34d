import type pg from 'pg'
import { messageOf } from '../../src/kernel/errors.ts'
import { clientConfig, loginOf } from '../../src/store/address.ts'
import { connectClient } from '../../src/store/client.ts'
import { quoted } from '../../src/store/names.ts'
import type { DatabaseServer } from '../../src/store/server.ts'
import type { Sql } from '../../src/store/sql.ts'

/** A transaction that has written in another database of the same server and stays open until it is disposed of. */
export interface SiblingTransaction extends AsyncDisposable {
  /** Its id, and that of the oldest transaction that a snapshot takes for open; alike, where there could be none. */
  ages(sql: Sql): Promise<{ readonly id: bigint; readonly oldest: bigint }>
}

/** Says on the console why there is none, where the server does not allow one. */
export async function siblingTransaction({ admin, app, url, embedded }: DatabaseServer): Promise<SiblingTransaction> {
  const database = `${app}_sibling`
  const drop = () => admin.query(`drop database if exists ${quoted(database)} with (force)`)
  let client: pg.Client
  try {
    await admin.query(`create database ${quoted(database)} template template0`)
    client = await connectClient(clientConfig({ ...loginOf(url), database }, 'banyan'))
    await client.query('begin')
    await client.query('create table written ()')
  } catch (error) {
    if (embedded) throw error
    console.warn(`Without a long transaction in another database, since this server refuses one: ${messageOf(error)}`)
    await drop().catch(() => {})
    return { ages: () => Promise.resolve({ id: 0n, oldest: 0n }), [Symbol.asyncDispose]: () => Promise.resolve() }
  }
  return {
    async ages(sql) {
      const { rows: own } = await client.query<{ id: string }>('select pg_current_xact_id_if_assigned()::text as id')
      const { rows: theirs } = await sql.query<{ oldest: string }>('select pg_snapshot_xmin(pg_current_snapshot())::text as oldest')
      return { id: BigInt(own[0]!.id), oldest: BigInt(theirs[0]!.oldest) }
    },
    async [Symbol.asyncDispose]() {
      await client.end()
      await drop()
    },
  }
}
