import type pg from 'pg'
import { messageOf } from '../../src/kernel/errors.ts'
import { clientConfig, loginOf } from '../../src/store/address.ts'
import { connectClient } from '../../src/store/client.ts'
import { quoted } from '../../src/store/names.ts'
import type { DatabaseServer } from '../../src/store/server.ts'
import type { Sql } from '../../src/store/sql.ts'

/** A transaction that has written in another database of the same server and stays open until it is disposed of. */
export interface SiblingTransaction extends AsyncDisposable {
  /** Whether who reads only what is older than every open transaction still has to wait for this one. */
  holdsUp(sql: Sql): Promise<boolean>
}

/** Says on the console why there is none, where the server or the way to it does not allow one. */
export async function siblingTransaction({ admin, app, url, embedded }: DatabaseServer): Promise<SiblingTransaction | undefined> {
  const database = `${app}_sibling`
  const drop = () => admin.query(`drop database if exists ${quoted(database)} with (force)`)
  let client: pg.Client
  try {
    await admin.query(`create database ${quoted(database)} template template0`)
    client = await connectClient(clientConfig({ ...loginOf(url), database }, 'banyan'))
  } catch (error) {
    if (embedded) throw error
    console.warn(`Without a long transaction in another database: ${messageOf(error)}`)
    return void (await drop())
  }
  await client.query('begin')
  await client.query('create table written ()')
  return {
    async holdsUp(sql) {
      const { rows: own } = await client.query<{ id: string }>('select pg_current_xact_id_if_assigned()::text as id')
      const { rows: theirs } = await sql.query<{ oldest: string }>('select pg_snapshot_xmin(pg_current_snapshot())::text as oldest')
      return BigInt(theirs[0]!.oldest) <= BigInt(own[0]!.id)
    },
    async [Symbol.asyncDispose]() {
      await client.end()
      await drop()
    },
  }
}
