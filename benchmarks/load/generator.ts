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

export interface LoadRequest {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** Sends a request to `url` over 64 connections, each of which sends it again when it has its answer. */
export type LoadGenerator = (url: string, request: LoadRequest, seconds: number) => Promise<Load>

const run = promisify(execFile)

/** wrk where it is installed, since it leaves the processors to those who are measured; else a client of our own, in a process of its own. */
export async function loadGenerator(): Promise<{ readonly name: string; readonly generate: LoadGenerator }> {
  const hasWrk = await run('wrk', ['-v']).then(
    () => true,
    (error: { code?: unknown }) => error.code !== 'ENOENT', // it exits with 1 after telling its version
  )
  return hasWrk ? { name: 'wrk', generate: wrk } : { name: 'a client in Node', generate: ownClient }
}

const wrk: LoadGenerator = async (url, { method, headers, body = '' }, seconds) => {
  const script = join(import.meta.dirname, 'load.lua')
  const { stdout } = await run('wrk', ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '-s', script, url, '--', method, body, ...Object.entries(headers).flat()], {
    timeout: seconds * 1_000 + 10_000,
  })
  return JSON.parse(/^RESULT (.*)$/m.exec(stdout)![1]!) as Load
}

const ownClient: LoadGenerator = async (url, request, seconds) => {
  await using client = await contenderProcess(join(import.meta.dirname, 'client.ts'), 'the client')
  return (await client.ask({ url, request, seconds, connections: CONNECTIONS })) as Load
}
