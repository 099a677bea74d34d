import { answerParent } from '../contender-process.ts'
import { banyan } from './banyan.ts'
import type { Contender, Place } from './contender.ts'
import { batched, pipelined } from './fastify.ts'

/** Asked for anything, a contender tells its port and the microseconds of processor time it has used. */
export interface Told {
  readonly port: number
  readonly processorTime: number
}

const contenders: Record<string, (place: Place) => Promise<Contender>> = { banyan, pipelined, batched }
let contender: Promise<Contender> | undefined
answerParent(
  async (place: Place): Promise<Told> => {
    contender ??= contenders[process.argv[2]!]!(place)
    const { port } = await contender
    const { user, system } = process.cpuUsage()
    return { port, processorTime: user + system }
  },
  async () => (await contender)?.[Symbol.asyncDispose](),
)
