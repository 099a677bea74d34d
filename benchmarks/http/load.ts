import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { contenderProcess } from '../contender-process.ts'

export const CONNECTIONS = 64

/** What came of a while under load. */
export interface Load {
  readonly requests: number
  readonly seconds: number
  /** Requests that were not answered 200. */
  readonly failed: number
  /** In milliseconds. */
  readonly p50: number
  readonly p99: number
}

/** Posts `body` to `url` over 64 connections, each of which sends its next request when it has its answer. */
export type LoadGenerator = (url: string, body: string, seconds: number) => Promise<Load>

const run = promisify(execFile)

/** wrk where it is installed, since it leaves the processors to those who are measured; else a client of our own, in a process of its own. */
export async function loadGenerator(): Promise<{ readonly name: string; readonly generate: LoadGenerator }> {
  const hasWrk = await run('wrk', ['-v']).then(
    () => true,
    (error: { code?: unknown }) => error.code !== 'ENOENT', // it exits with 1 after telling its version
  )
  return hasWrk ? { name: 'wrk', generate: wrk } : { name: 'a client in Node', generate: ownClient }
}

const wrk: LoadGenerator = async (url, body, seconds) => {
  const script = join(import.meta.dirname, 'load.lua')
  const { stdout } = await run('wrk', ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '-s', script, url, '--', body], { timeout: seconds * 1_000 + 10_000 })
  return JSON.parse(/^RESULT (.*)$/m.exec(stdout)![1]!) as Load
}

const ownClient: LoadGenerator = async (url, body, seconds) => {
  await using client = await contenderProcess(join(import.meta.dirname, 'client.ts'), 'the client')
  return (await client.ask({ url, body, seconds, connections: CONNECTIONS })) as Load
}
