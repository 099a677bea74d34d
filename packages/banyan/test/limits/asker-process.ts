import { tokenBucket } from '../../src/limits/token-bucket.ts'
import { RedisLimiter } from '../../src/limits/redis-limiter.ts'
import { silentLog } from '../../src/observe/log.ts'
import { openRedis } from '../../src/store/redis.ts'
import type { AskerOrder, AskerReport } from './asker.ts'

const { url, prefix, rate, burst, forMs } = JSON.parse(process.argv[2]!) as AskerOrder

/** Microseconds by the server's clock. */
async function time(): Promise<number> {
  const [seconds, micros] = await redis.run((client) => client.time())
  return Number(seconds) * 1_000_000 + Number(micros)
}

await using redis = await openRedis({ url, prefix, log: silentLog, timeoutMs: 5_000 })
const limiter = new RedisLimiter(tokenBucket(rate, burst), redis, prefix)
process.send!('ready')
await new Promise((resolve) => process.once('message', resolve))
const began = await time()
const until = performance.now() + forMs
let [admitted, asked] = [0, 0]
const ask = async (): Promise<void> => {
  while (performance.now() < until) {
    asked++
    if ((await limiter.take('bucket', 1)).admitted) admitted++
  }
}
await Promise.all(Array.from({ length: 8 }, ask))
process.send!({ admitted, asked, began, ended: await time() } satisfies AskerReport)
process.disconnect()
