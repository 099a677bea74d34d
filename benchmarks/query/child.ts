import { answerParent } from '../contender-process.ts'
import { cached, everybody, hosted } from './banyan.ts'
import type { Contender, Place } from './contender.ts'
import { bare } from './fastify.ts'

/** Asked for anything, a contender tells where and how it is asked, and the microseconds of processor time it has used. */
export interface Told extends Pick<Contender, 'port' | 'headers'> {
  readonly processorTime: number
}

const contenders: Record<string, (place: Place) => Promise<Contender>> = { hosted, cached, everybody, bare }
let contender: Promise<Contender> | undefined
answerParent(
  async (place: Place): Promise<Told> => {
    contender ??= contenders[process.argv[2]!]!(place)
    const { port, headers } = await contender
    const { user, system } = process.cpuUsage()
    return { port, headers, processorTime: user + system }
  },
  async () => (await contender)?.[Symbol.asyncDispose](),
)
