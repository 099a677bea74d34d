import { expect, test } from 'vitest'
import { NO_REDIS, sharedRedis, testPrefix } from '../redis.ts'
import { askTogether } from './asker.ts'

test('eight processes never get more from one bucket than its burst and what it gains, and get all of it', async ({ skip }) => {
  const url = await sharedRedis()
  if (url === undefined) return skip(NO_REDIS)
  const [rate, burst] = [{ count: 100, periodMs: 1_000 }, 50]
  const reports = await askTogether(8, { url, prefix: testPrefix(), rate, burst, forMs: 2_000 })
  const admitted = reports.reduce((sum, report) => sum + report.admitted, 0)
  const seconds = (Math.max(...reports.map(({ ended }) => ended)) - Math.min(...reports.map(({ began }) => began))) / 1_000_000
  expect(admitted).toBeLessThanOrEqual(burst + rate.count * seconds)
  expect(admitted, `of ${reports.reduce((sum, { asked }) => sum + asked, 0)} requests in ${seconds} s`).toBeGreaterThan(burst + rate.count)
})
