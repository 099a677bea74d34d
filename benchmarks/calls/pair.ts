import { join } from 'node:path'
import { contenderProcess } from '../contender-process.ts'
import type { CallOrder } from './caller.ts'
import type { Place } from './contender.ts'
import type { Name } from './contenders.ts'
import type { Load } from './load.ts'

/** A turn of one contender. */
export interface Turn extends Load {
  /** Microseconds of processor time that the called process has used. */
  readonly calleeTime: number
}

/** The two processes of a contender. */
export interface Pair extends AsyncDisposable {
  turn(seconds: number, flight: number): Promise<Turn>
}

export async function pairOf(name: Name, place: Place): Promise<Pair> {
  const callee = await contenderProcess(join(import.meta.dirname, 'callee.ts'), name)
  const calleeTime = async () => (await callee.ask(place)) as number
  await calleeTime()
  const caller = await contenderProcess(join(import.meta.dirname, 'caller.ts'), name)
  return {
    async turn(seconds, flight) {
      const before = await calleeTime()
      const load = (await caller.ask({ place, seconds, flight } satisfies CallOrder)) as Load
      return { ...load, calleeTime: (await calleeTime()) - before }
    },
    async [Symbol.asyncDispose]() {
      await caller[Symbol.asyncDispose]()
      await callee[Symbol.asyncDispose]()
    },
  }
}
