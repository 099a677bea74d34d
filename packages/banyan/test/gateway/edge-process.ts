import { gatewayConfig } from '../../src/gateway/file/read.ts'
import { policyKinds } from '../../src/gateway/policy-kinds.ts'
import { startGateway } from '../../src/gateway/start-gateway.ts'
import { silentLog } from '../../src/observe/log.ts'
import type { EdgeQuestion } from './edge-processes.ts'

const config = gatewayConfig(process.argv[2]!, { path: 'gateway.yaml', kinds: policyKinds, env: process.env })
const edge = await startGateway(config, { port: 0, log: silentLog })
process.on('message', async ({ id, purge }: EdgeQuestion) => process.send!({ id, answer: purge ? await edge.purge(purge) : edge.status() }))
process.on('disconnect', () => void edge[Symbol.asyncDispose]())
process.send!({ id: 0, answer: edge.url })
