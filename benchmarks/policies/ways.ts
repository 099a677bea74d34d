import { Deadline } from '../../packages/banyan/src/kernel/deadline.ts'
import { newTrace } from '../../packages/banyan/src/observe/trace.ts'
import type { AnyOperation } from '../../packages/banyan/src/model/operation.ts'
import type { Envelope } from '../../packages/banyan/src/network/envelope.ts'
import { Session } from '../../packages/banyan/src/network/session.ts'
import type { EdgePolicies } from '../../packages/banyan/src/network/edge-policies.ts'
import { wayTo } from '../../packages/banyan/src/network/way.ts'
import { anonymousIdentity } from '../../packages/banyan/src/security/identity.ts'
import type { Subject } from './parts.ts'

export const bare = 'a call without a way'

const answered = Promise.resolve({ total: 74.5 })
const connection = {
  call: () => answered,
  feed: () => answered,
  async [Symbol.asyncDispose]() {},
}
const instances = ['a', 'b', 'c'].map((id) => ({ id }))
const operation = { kind: 'command', service: 'prices', name: 'quote' } as AnyOperation
/** One for all calls, since making it is no part of a way. */
const envelope: Envelope = {
  identity: anonymousIdentity,
  caller: 'sales',
  key: '019ab4b4-2f00-7000-8000-000000000001',
  correlation: 'c-1',
  causation: 'e-1',
  causedBy: 'event',
  deadline: Deadline.in(2 ** 31),
  traceparent: newTrace(),
  session: new Session(),
  signal: new AbortController().signal,
  aborted: false,
}

function asking(callee: { call(operation: AnyOperation, input: unknown, envelope: Envelope): Promise<unknown> }): Subject {
  return async (count) => {
    for (let call = 0; call < count; call++) await callee.call(operation, undefined, envelope)
  }
}

function way(policies: EdgePolicies): Subject {
  const watch = (changed: (all: typeof instances) => void): Disposable => {
    changed(instances)
    return { [Symbol.dispose]: () => undefined }
  }
  return asking(wayTo({ unit: 'prices', watch, connect: () => connection, policies }))
}

/** One call after the other through ways with some of their policies, and without a way. */
export function ways() {
  return {
    [bare]: asking(connection),
    'way, no breaker, no limit that adapts': way({ breaker: false }),
    'way, all but the limit that adapts': way({}),
    'way, all but the breaker': way({ breaker: false, concurrency: {} }),
    'way, all': way({ concurrency: {} }),
  } satisfies Record<string, Subject>
}
