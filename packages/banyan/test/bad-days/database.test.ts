import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BanyanError } from '../../src/kernel/errors.ts'
import { openServer, type DatabaseServer } from '../../src/store/server.ts'
import { Line, type First } from './line.ts'

const APP = 'badday'
let directory: string
let server: DatabaseServer
let line: Line
let first: First

// a server of its own: others must not be restarted along
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'banyan-bad-day-'))
  await chmod(directory, 0o755) // where root runs it, PostgreSQL runs as another user, who has to get there
  server = await openServer({ app: APP, dataDirectory: join(directory, '.banyan') })
  line = await Line.open({ lasts: 2, place: { directory, name: APP } })
  first = await line.first()
})
afterAll(async () => {
  await line?.[Symbol.asyncDispose]()
  await server?.[Symbol.asyncDispose]()
  await rm(directory, { recursive: true, force: true })
})

/** Adds, again and again under the same key until it is answered, while `hurt` happens; answers how often and with what it failed meanwhile. */
async function addWhile(hurt: () => Promise<unknown>): Promise<{ added: number; failures: BanyanError[] }> {
  const failures: BanyanError[] = []
  const stop = new AbortController()
  let added = 0
  const caller = async () => {
    while (!stop.signal.aborted) {
      const idempotencyKey = crypto.randomUUID()
      for (let answered = false; !answered;) {
        const result = await first.call.middle.add.result({}, { idempotencyKey, deadline: '2s' })
        answered = result.ok
        if (!result.ok) failures.push(result.error as BanyanError)
      }
      added++
    }
  }
  const callers = Promise.all(Array.from({ length: 4 }, caller))
  const more = async (count: number) => await expect.poll(() => added).toBeGreaterThanOrEqual(added + count)
  await more(20)
  await hurt()
  await more(40)
  stop.abort()
  await callers
  return { added, failures }
}

/** Nothing was lost or done twice, and whatever failed was worth a repeat. */
async function survives(hurt: () => Promise<unknown>): Promise<BanyanError[]> {
  const before = await first.call.last.total({})
  const { added, failures } = await addWhile(hurt)
  expect(failures.filter(({ retryable }) => !retryable)).toEqual([])
  await expect.poll(() => first.call.last.total.result({})).toEqual({ ok: true, value: before + added })
  return failures
}

test('every connection is thrown out (57P01): what fails may be repeated, and then it goes on', async () => {
  await survives(async () => {
    const { rows } = await server.admin.query(
      'select count(*) filter (where pg_terminate_backend(pid)) as count from pg_stat_activity where usename like $1 and pid <> pg_backend_pid()',
      [`${APP}%`],
    )
    expect(Number((rows[0] as { count: string }).count)).toBeGreaterThan(0)
  })
})

test('the server is shut down fast, and comes back', async () => {
  const pidFile = join(directory, '.banyan', 'postgres', 'postmaster.pid')
  const pid = async () => Number((await readFile(pidFile, 'utf8').catch(() => '0')).split('\n')[0])
  const old = await pid()
  await survives(async () => {
    process.kill(old, 'SIGINT')
    await expect.poll(async () => ![0, old].includes(await pid())).toBe(true)
  })
})

// as a standby does, and what was the primary before a fail-over; the connections stay open
test('the server takes no writes for a while (25006): that is no mistake of the callers, and passes', async () => {
  await survives(async () => {
    await server.admin.query('alter system set default_transaction_read_only = on')
    await server.admin.query('select pg_reload_conf()')
    // each connection hears of it in its own time; and what is refused is tried again first, since whoever takes over is mostly soon there
    const refusal = { ok: false, error: { code: 'database_unreachable', executed: 'no', retryable: true } }
    await expect.poll(() => first.call.middle.add.result({}, { deadline: '20s' })).toMatchObject(refusal)
    await server.admin.query('alter system reset default_transaction_read_only')
    await server.admin.query('select pg_reload_conf()')
  })
})
