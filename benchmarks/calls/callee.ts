import { answerParent } from '../contender-process.ts'
import type { Place } from './contender.ts'
import { contenders, type Name } from './contenders.ts'

/** Asked with its place, the process of a callee opens it; asked for anything, it tells the microseconds of processor time it has used. */
const contender = await contenders[process.argv[2] as Name]()
let open: Promise<AsyncDisposable> | undefined
answerParent(
  async (place: Place): Promise<number> => {
    open ??= contender.callee(place)
    await open
    const { user, system } = process.cpuUsage()
    return user + system
  },
  async () => (await open)?.[Symbol.asyncDispose](),
)
