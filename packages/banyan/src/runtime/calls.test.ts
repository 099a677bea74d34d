import { expect, test } from 'vitest'
import { z } from 'zod'
import { Deadline } from '../kernel/deadline.ts'
import { BanyanError } from '../kernel/errors.ts'
import { contract } from '../model/contract.ts'
import { command, query, type Kind } from '../model/operation.ts'
import { Session } from '../network/session.ts'
import { silentLog } from '../observe/log.ts'
import { newTrace } from '../observe/trace.ts'
import { anonymousIdentity } from '../security/identity.ts'
import { callFactory, type Clients, type Origin } from './calls.ts'
import { QueryContextOf } from './contexts.ts'

const stock = contract('stock', {
  price: query({ output: z.int() }),
  lastPrice: query({ output: z.int() }),
  reserve: command({ output: z.string() }),
})

/** What a handler calls, where `price` is answered or away, and a command answers the key it came under. */
function clients(away: boolean): Clients {
  const factory = callFactory(
    { stock },
    {
      only: 'all',
      log: silentLog,
      bindings: () => ({
        async invoke({ name, kind }, _input, envelope) {
          if (away && name === 'price') throw new BanyanError('unavailable', 'nobody is there')
          return kind === 'command' ? envelope.key : 1
        },
      }),
    },
  )
  const { signal } = new AbortController()
  const envelope = {
    identity: anonymousIdentity,
    caller: undefined,
    key: '01990000-0000-7000-8000-000000000000',
    correlation: 'c',
    causation: 'c',
    causedBy: 'command' as const,
    deadline: Deadline.in(5_000),
    traceparent: newTrace(),
    session: new Session(),
    signal,
    aborted: false,
  }
  const place = new QueryContextOf({} as never, envelope)
  const origin: Origin = { caller: 'orders', envelope, next: (kind: Kind) => place.next(kind) }
  return factory(origin)
}

test('commands after a fallback that asked elsewhere have the keys they had without it, since a repeat may not need it', async () => {
  const keys = async (away: boolean): Promise<unknown[]> => {
    const call = clients(away)['stock']!
    await call['price']!(undefined, { fallback: () => call['lastPrice']!() })
    return [await call['reserve']!(), await call['reserve']!()]
  }
  const [first, second] = await keys(true)
  expect(first).not.toBe(second)
  expect(await keys(false)).toEqual([first, second])
})
