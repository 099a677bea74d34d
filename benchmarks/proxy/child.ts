import { answerParent } from '../contender-process.ts'
import { backend, banyan, bare, guarded, httpProxy, type Contender } from './contenders.ts'

/** What a contender is asked: where the upstream is; it answers where it is itself and the microseconds of processor time it has used. */
export interface Told extends Pick<Contender, 'port' | 'headers'> {
  readonly processorTime: number
}

const contenders: Record<string, (upstream: string) => Promise<Contender>> = { backend, bare, httpProxy, banyan, guarded }
let contender: Promise<Contender> | undefined
answerParent(
  async ({ upstream }: { upstream: string }): Promise<Told> => {
    contender ??= contenders[process.argv[2]!]!(upstream)
    const { port, headers = {} } = await contender
    const { user, system } = process.cpuUsage()
    return { port, headers, processorTime: user + system }
  },
  async () => (await contender)?.[Symbol.asyncDispose](),
)
