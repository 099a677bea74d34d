import { appendFile, mkdtemp, chmod, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BanyanError } from '../kernel/errors.ts'
import { clientConfig, loginOf } from './address.ts'
import { connectClient } from './client.ts'
import { freePort } from './embedded/free-port.ts'
import { openServer, type DatabaseServer } from './server.ts'

// a server of its own that listens on TCP with passwords, as a hosted one does
let directory: string
let host: DatabaseServer
let url: URL
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'banyan-server-'))
  await chmod(directory, 0o755)
  host = await openServer({ app: 'host', dataDirectory: directory, embedded: { listening: 'tcp' } })
  await host.admin.query("create role ann login password 'topsecret'; create role dba login createrole password 'topsecret'")
  await host.admin.query('create database shop')
  await host.admin.query('grant create on database shop to dba')
  url = new URL(host.url)
  url.pathname = '/shop'
})
afterAll(async () => {
  await host[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

const as = (user: string, password = 'topsecret', database = 'shop'): string => `postgresql://${user}:${password}@${url.host}/${database}`
const open = (address: string, more: { connections?: number; unsafe?: boolean } = {}) =>
  openServer({ app: 'shop', url: address, dataDirectory: '/nowhere', ...more })

async function refusal(promise: Promise<unknown>): Promise<{ code?: string; message: string }> {
  const error: unknown = await promise.then(
    () => new Error('it was accepted'),
    (thrown: unknown) => thrown,
  )
  expect(inspect(error, { depth: 10 })).not.toContain('topsecret')
  return error as Error
}

test('a server that fits is opened and told without its password', async () => {
  await using server = await open(as('ann'))
  expect(server).toMatchObject({ embedded: false, address: `ann@${url.host}/shop`, version: host.version })
  await server.revive()
})

test('each failure to open is told apart, with address and way out', async () => {
  const port = await freePort()
  expect(await refusal(open(`postgresql://ann:topsecret@127.0.0.1:${port}/shop`))).toMatchObject({
    code: 'database_unreachable',
    message: expect.stringMatching(
      new RegExp(`ann@127\\.0\\.0\\.1:${port}/shop\\).*ECONNREFUSED.*; start it or correct DATABASE_URL; where that is not set`),
    ) as string,
  })
  expect(await refusal(open('postgresql://ann:topsecret@nowhere.invalid/shop'))).toMatchObject({ code: 'database_unreachable' })
  expect(await refusal(open(as('ann', 'topsecret1')))).toMatchObject({
    code: 'database_login_failed',
    message: expect.stringMatching(/ann@.*\/shop\).*; correct the user and password in DATABASE_URL$/) as string,
  })
  expect(await refusal(open(as('nobody_there')))).toMatchObject({ code: 'database_login_failed' })
  expect(await refusal(open(as('ann', 'topsecret', 'warehouse')))).toMatchObject({
    code: 'database_missing',
    message: expect.stringMatching(/warehouse.*; create it or correct DATABASE_URL$/) as string,
  })
  expect(await refusal(open(as('ann'), { connections: 98 }))).toMatchObject({
    code: 'database_budget',
    message: expect.stringContaining('may use 98 connections') as string,
  })
  expect(await refusal(open('postgres//ann:topsecret'))).toMatchObject({ code: 'invalid_configuration' })
})

test('a server that has no connection left says how many are needed and how many there are', async () => {
  await using server = await open(as('ann'), { connections: 30 })
  const clients: pg.Client[] = []
  const connect = async (): Promise<void> => {
    const client = await connectClient(clientConfig(loginOf(as('ann')), 'crowd'))
    clients.push(client)
  }
  const crowd = await refusal(
    (async () => {
      for (;;) await connect()
    })(),
  )
  try {
    expect(await refusal(open(as('ann'), { connections: 30 }))).toMatchObject({
      code: 'overloaded',
      message: expect.stringMatching(/no free connection \(ann@.*this process needs one now and may use 30: .*raise max_connections/) as string,
    })
    expect(await server.explain(crowd)).toMatchObject({
      code: 'overloaded',
      message: expect.stringMatching(/this process may use 30, and ann@.* gives 97 to ordinary users \(max_connections 100 minus 3 reserved\)/) as string,
    })
    expect(await host.explain(crowd)).toMatchObject({ message: expect.stringMatching(/, of which \d+ are in use: end what holds the others/) as string })
  } finally {
    await Promise.all(clients.map((client) => client.end()))
  }
  const other = new BanyanError('internal', 'something else')
  expect(await server.explain(other)).toBe(other)
})

test('an admin with a password gives roles passwords of their own, which no statement shows', async () => {
  const services = ['orders', 'catalog']
  await using server = await open(url.href)
  expect(server.plan(services)).toMatch(/alter role "shop_orders" login password 'SCRAM-SHA-256\$4096:/)
  await server.provision(services)
  const database = server.open('orders', { connections: 1 })
  expect((await database.pool.query('select current_user as role')).rows).toEqual([{ role: 'shop_orders' }])
  // the admin's password was changed: those derived from it follow
  await host.admin.query("alter role shop_orders password 'another'; alter role shop_catalog password 'another'")
  await server.provision(services)
  const catalog = server.open('catalog', { connections: 1 })
  expect((await catalog.pool.query('select current_user as role')).rows).toEqual([{ role: 'shop_catalog' }])
})

test('a user without rights is told to have a DBA run the plan, and works after that', async () => {
  const services = ['billing']
  await using server = await open(as('ann'))
  const refused = await refusal(server.provision(services))
  expect(refused).toMatchObject({
    code: 'database_roles',
    message: expect.stringMatching(/lacks role shop_billing with login, role shop_billing_owner, schema shop_billing .* `banyan db plan`/) as string,
  })
  await using dba = await open(url.href)
  await dba.admin.query(server.plan(services))
  await dba.admin.query(server.plan(services))
  await server.provision(services)
  expect(await server.migrate('billing', [{ name: 'own', migrations: [{ id: 1, name: 'bills', sql: 'create table bills (id int)' }] }])).toHaveLength(1)
  const { pool } = server.open('billing', { connections: 1 })
  expect((await pool.query('insert into bills values (1)')).rowCount).toBe(1)
})

test('a user that may create roles and schemas needs no superuser', async () => {
  await using server = await open(as('dba'))
  await server.provision(['stock'])
  await server.provision(['stock'])
  await server.migrate('stock', [{ name: 'own', migrations: [{ id: 1, name: 'items', sql: 'create table items (id int)' }] }])
  expect((await server.open('stock', { connections: 1 }).pool.query('select * from items')).rows).toEqual([])
})

test('any number of processes may provision at once', async () => {
  const servers = await Promise.all([1, 2, 3, 4].map(() => open(url.href)))
  await expect(Promise.all(servers.map((server) => server.provision(['parallel', 'lines'])))).resolves.toHaveLength(4)
  for (const server of servers) await server[Symbol.asyncDispose]()
})

test('a server without fsync is refused unless that is said to be fine', async () => {
  const other = await mkdtemp(join(tmpdir(), 'banyan-unsafe-'))
  await chmod(other, 0o755)
  const made = await openServer({ app: 'shop', dataDirectory: other })
  await made[Symbol.asyncDispose]()
  await appendFile(join(other, 'postgres', 'postgresql.conf'), '\nfsync = off\n')
  expect(await refusal(openServer({ app: 'shop', dataDirectory: other }))).toMatchObject({
    code: 'database_unsafe',
    message: expect.stringContaining('with fsync off') as string,
  })
  const accepted = await openServer({ app: 'shop', dataDirectory: other, unsafe: true })
  await accepted[Symbol.asyncDispose]()
  await rm(other, { recursive: true })
})
