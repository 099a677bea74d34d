import { once } from 'node:events'
import { banyan } from './banyan.ts'
import type { Contender, Place } from './contender.ts'
import { batched, pipelined } from './fastify.ts'

/** One contender in this process; tells its port, and the processor time it has used when asked. */
const contenders: Record<string, (place: Place) => Promise<Contender>> = { banyan, pipelined, batched }
const [place] = (await once(process, 'message')) as [Place]
const { port } = await contenders[process.argv[2]!]!(place)
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send!(user + system)
})
process.once('disconnect', () => process.exit())
process.send!(port)
