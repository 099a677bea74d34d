import { banyan } from './banyan.ts'
import type { Contender } from './contender.ts'
import { bareMoleculer, moleculer } from './moleculer.ts'
import { plain } from './plain.ts'

/** One contender in this process; measures when its parent asks. */
const contenders: Record<string, () => Promise<Contender>> = { plain, banyan, moleculer, bareMoleculer }
const contender = await contenders[process.argv[2]!]!()
process.on('message', async ({ count, callers }: { count: number; callers: number }) => {
  process.send!(await contender.measure(count, callers))
})
process.once('disconnect', async () => {
  await contender[Symbol.asyncDispose]()
  process.exit()
})
process.send!('ready')
