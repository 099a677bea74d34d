import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import pg from 'pg'
import { z } from 'zod'
import type { Contender, Place } from './contender.ts'
import { Order } from './order.ts'

/** Writes an order; when it resolves, the order is durable. */
type Insert = (id: string, order: Order) => Promise<unknown>

/** What one would write for it: the body checked by Fastify against the same schema, one row for each order. */
async function server(insert: Insert, clients: readonly pg.Client[]): Promise<Contender> {
  const app = fastify()
  const { $schema: _, ...body } = z.toJSONSchema(Order)
  const response = { 200: { type: 'object', properties: { orderId: { type: 'string' } } } }
  app.post<{ Body: Order }>('/orders', { schema: { body, response } }, async (request) => {
    const orderId = randomUUID()
    await insert(orderId, request.body)
    return { orderId }
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    port: (app.server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      await app.close()
      await Promise.all(clients.map((client) => client.end()))
    },
  }
}

const CONNECTIONS = 8

/** A statement and a commit for each order, sent ahead of the answers before it, over several connections so that commits share a flush. */
export async function pipelined(place: Place): Promise<Contender> {
  const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => connected(place)))
  const table = await orderTable(clients[0]!, place, 'pipelined')
  const text = `insert into ${table} (id, body) values ($1, $2)`
  let turn = 0
  return server((id, order) => clients[turn++ % CONNECTIONS]!.query({ name: 'insert', text, values: [id, JSON.stringify(order)] }), clients)
}

interface Row {
  readonly id: string
  readonly body: string
  readonly settle: () => void
  readonly fail: (error: unknown) => void
}

/** What arrives while a commit is under way goes together into the next. */
export async function batched(place: Place): Promise<Contender> {
  const client = await connected(place)
  const table = await orderTable(client, place, 'batched')
  const text = `insert into ${table} (id, body) select * from unnest($1::uuid[], $2::jsonb[])`
  let waiting: Row[] = []
  let inFlight = 0
  const send = async (rows: readonly Row[]) => {
    inFlight++
    try {
      await client.query({ name: 'insert', text, values: [rows.map(({ id }) => id), rows.map(({ body }) => body)] })
      for (const { settle } of rows) settle()
    } catch (error) {
      for (const { fail } of rows) fail(error)
    }
    inFlight--
    flush()
  }
  const flush = () => {
    if (inFlight === 2 || waiting.length === 0) return
    void send(waiting)
    waiting = []
  }
  const insert: Insert = (id, order) =>
    new Promise<void>((settle, fail) => {
      if (waiting.push({ id, body: JSON.stringify(order), settle, fail }) === 1) setImmediate(flush)
    })
  return server(insert, [client])
}

async function connected(place: Place): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: place.database, pipeline: true })
  await client.connect()
  return client
}

async function orderTable(client: pg.Client, { name }: Place, kind: string): Promise<string> {
  // a schema under the installation's name goes when the installation goes
  const schema = `${name}_${kind}`
  await client.query(`create schema ${schema}`)
  await client.query(`create table ${schema}.orders (id uuid primary key, body jsonb not null, at timestamptz not null default clock_timestamp())`)
  return `${schema}.orders`
}
