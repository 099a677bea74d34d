import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'
import { accounts, mayReach, type Account } from '../src/store/embedded/account.ts'
import { readPostmaster } from '../src/store/embedded/postmaster.ts'
import { openServer, type DatabaseServer, type ServerOptions } from '../src/store/server.ts'

const holder = fileURLToPath(new URL('./hold-embedded-server.ts', import.meta.url))
/** Tells one start of a server from another. */
export const started = 'select pg_postmaster_start_time()::text as at'

// most tests begin with a copy of a database that was made once
let template: string
beforeAll(async () => {
  template = mkdtempSync(join(tmpdir(), 'banyan-template-'))
  chmodSync(template, 0o755)
  const server = await openServer({ app: 'life', dataDirectory: template })
  await server[Symbol.asyncDispose]()
})
afterAll(() => rmSync(template, { recursive: true }))

/** The directory of a project that was started before. */
export function project(): string {
  const home = newProject()
  execFileSync('cp', ['-a', template, home])
  return home
}

/** The directory of a project, removed after the test with whatever still runs in it. */
export function newProject(): string {
  const directory = mkdtempSync(join(tmpdir(), 'banyan-life-'))
  chmodSync(directory, 0o755)
  onTestFinished(async () => {
    await killDatabase(join(directory, '.banyan'))
    rmSync(directory, { recursive: true })
  })
  return join(directory, '.banyan')
}

export async function open(dataDirectory: string, more: Partial<ServerOptions> = {}): Promise<DatabaseServer> {
  const server = await openServer({ app: 'life', dataDirectory, ...more })
  onTestFinished(() => server[Symbol.asyncDispose]())
  return server
}

export const data = (home: string): string => join(home, 'postgres')
export const runs = (home: string): boolean => existsSync(join(data(home), 'postmaster.pid'))
export const ask = async (server: DatabaseServer, sql: string): Promise<unknown> => (await server.admin.query(sql)).rows[0]

/** kill -9, unless it has ended already. */
export async function killDatabase(home: string): Promise<void> {
  const postmaster = readPostmaster(data(home))
  if (!postmaster) return
  try {
    process.kill(postmaster.pid, 'SIGKILL')
  } catch (error) {
    expect(error).toMatchObject({ code: 'ESRCH' })
  }
}

export interface Holder {
  readonly process: ChildProcess
  ask(sql: string): Promise<unknown>
  kill(): Promise<void>
  leave(): Promise<void>
}

export async function hold(dataDirectory: string, more: { stopAfter?: number; uid?: number; gid?: number } = {}): Promise<Holder> {
  const { uid, gid, ...options } = more
  const child = spawn(process.execPath, [holder, JSON.stringify({ dataDirectory, ...options })], {
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(uid === undefined ? {} : { uid, gid: gid! }),
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (wanted: string): Promise<unknown> => {
    for (;;) {
      const { value, done } = await lines.next()
      if (done) throw new Error(`the process ended before it told '${wanted}'`)
      const told = JSON.parse(value) as Record<string, unknown>
      if (wanted in told) return told[wanted]
      if ('error' in told) throw new Error(String(told['error']))
    }
  }
  await next('address')
  const exit = once(child, 'exit')
  return {
    process: child,
    ask: async (sql) => {
      child.stdin.write(sql)
      return ((await next('rows')) as unknown[])[0]
    },
    kill: async () => {
      child.kill('SIGKILL')
      await exit
    },
    leave: async () => {
      child.stdin.end()
      await exit
    },
  }
}

/** An account that can run a process of this checkout. */
export function reachingAccount(skip: (note: string) => never): Account {
  const account = accounts()[0]!
  return mayReach(account, dirname(holder)) && mayReach(account, dirname(process.execPath)) ? account : skip('the checkout is where only root can reach it')
}

/** What a process of another user says when it tries to enter. */
export async function complaint(dataDirectory: string, { uid, gid }: { uid: number; gid: number }): Promise<string> {
  const child = spawn(process.execPath, [holder, JSON.stringify({ dataDirectory })], { stdio: ['ignore', 'ignore', 'pipe'], uid, gid })
  let told = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (told += text))
  await once(child, 'exit')
  return told
}
