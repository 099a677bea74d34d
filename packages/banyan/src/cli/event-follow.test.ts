import { describe, expect, test } from 'vitest'
import type { RecordedEvent } from '../events/event.ts'
import type { LogReader } from '../events/log-feed.ts'
import { BanyanError } from '../kernel/errors.ts'
import { Follower } from './event-follow.ts'

/** A log in memory that its test writes to. */
function memoryLog(): LogReader & { append(id: string, ms: number, cause?: string): void; failing: Error | undefined } {
  const events: RecordedEvent[] = []
  return {
    failing: undefined,
    heads: async () => ({ incarnation: 'one', positions: new Map(events.map(({ partition, position }) => [partition, position])) }),
    async readAfter(positions) {
      if (this.failing) throw this.failing
      return events.filter(({ partition, position }) => position > positions.get(partition)!)
    },
    append(id, ms, cause) {
      const meta = { correlation: 'c', causation: cause ?? 'c', causedBy: cause === undefined ? ('command' as const) : ('event' as const), by: 'b', actor: 'a' }
      events.push({
        id,
        stream: 's',
        version: 1,
        partition: 7,
        position: events.length + 1,
        type: 'T',
        schema: 1,
        tenant: 'default',
        data: {},
        meta,
        at: new Date(ms),
      })
    },
  }
}

async function followed(): Promise<{
  orders: ReturnType<typeof memoryLog>
  payments: ReturnType<typeof memoryLog>
  troubles: string[]
  next: () => Promise<string[]>
}> {
  const [orders, payments] = [memoryLog(), memoryLog()]
  orders.append('before', 0)
  const follower = await Follower.at(
    new Map([
      ['orders', orders],
      ['payments', payments],
    ]),
  )
  const troubles: string[] = []
  const batches = follower.batches({
    signal: AbortSignal.timeout(60_000),
    onTrouble: (service, { code }) => void troubles.push(`${service} ${code}`),
    pollMs: 1,
  })
  const next = async (): Promise<string[]> => {
    const { value } = (await batches.next()) as { value: readonly { service: string; id: string }[] }
    return value.map(({ service, id }) => `${service} ${id}`)
  }
  return { orders, payments, troubles, next }
}

describe('following logs', () => {
  test('gives what comes after, merged by time', async () => {
    const { orders, payments, next } = await followed()
    orders.append('later', 2)
    payments.append('sooner', 1)
    expect(await next()).toEqual(['payments sooner', 'orders later'])
    orders.append('last', 3)
    expect(await next()).toEqual(['orders last'])
  })

  test('gives an effect after its cause, also when it is seen first', async () => {
    const { orders, payments, next } = await followed()
    payments.append('effect', 2, 'cause')
    payments.append('unrelated', 3)
    expect(await next()).toEqual(['payments unrelated'])
    orders.append('cause', 1)
    expect(await next()).toEqual(['orders cause', 'payments effect'])
  })

  test('does not wait for ever for a cause that is not there', async () => {
    const { payments, next } = await followed()
    payments.append('orphan', 1, 'long ago')
    expect(await next()).toEqual(['payments orphan'])
  })

  test('goes on when a log cannot be read, and loses nothing of the others', async () => {
    const { orders, payments, troubles, next } = await followed()
    payments.failing = new BanyanError('database_unreachable', 'gone')
    orders.append('a', 1)
    payments.append('b', 2)
    expect(await next()).toEqual(['orders a'])
    orders.append('c', 3)
    expect(await next()).toEqual(['orders c'])
    payments.failing = undefined
    expect(await next()).toEqual(['payments b'])
    expect(troubles).toEqual(['payments database_unreachable'])
  })

  test('ends with an error that stays', async () => {
    const { orders, next } = await followed()
    orders.failing = new Error('no such table')
    await expect(next()).rejects.toThrow('no such table')
  })
})
