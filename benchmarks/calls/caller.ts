import { answerParent } from '../contender-process.ts'
import type { Caller, Place } from './contender.ts'
import { contenders, type Name } from './contenders.ts'
import { load } from './load.ts'

/** Asked to call, the process of a caller calls for a while, and tells what came of it. */
export interface CallOrder {
  readonly place: Place
  readonly seconds: number
  readonly flight: number
}

const contender = await contenders[process.argv[2] as Name]()
let open: Promise<Caller> | undefined
answerParent(
  async ({ place, seconds, flight }: CallOrder) => {
    open ??= contender.caller(place)
    const { call } = await open
    return load(call, seconds, flight)
  },
  async () => (await open)?.[Symbol.asyncDispose](),
)
