import { answerParent } from '../contender-process.ts'
import { banyan } from './banyan.ts'
import type { Contender } from './contender.ts'
import { bareMoleculer, moleculer } from './moleculer.ts'
import { plain } from './plain.ts'

const contenders: Record<string, () => Promise<Contender>> = { plain, banyan, moleculer, bareMoleculer }
const contender = await contenders[process.argv[2]!]!()
answerParent(
  ({ count, callers }: { count: number; callers: number }) => contender.measure(count, callers),
  () => contender[Symbol.asyncDispose](),
)
