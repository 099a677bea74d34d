import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'

/** Runs a program beside this file and kills it, without a chance to tidy up, when it has said `after` times that it is handling something. */
export async function killWhileHandling(program: string, options: object, after: number): Promise<void> {
  const child = fork(fileURLToPath(new URL(program, import.meta.url)), [JSON.stringify(options)])
  let handled = 0
  child.on('message', () => {
    if (++handled === after) child.kill('SIGKILL')
  })
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  if (signal !== 'SIGKILL') throw new Error(`${program} ended by itself (${code ?? signal}) after ${handled} events`)
}

/** How a process of its own reaches the same database. */
export function loginOf({ options: { host, port, user, password, database } }: pg.Pool): pg.PoolConfig {
  return { host, port, user, database, ...(password !== undefined && { password }) }
}
