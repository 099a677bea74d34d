import { milliseconds } from '../kernel/duration.ts'
import { BanyanError } from '../kernel/errors.ts'
import type { CallOptions, Uses } from '../model/call.ts'
import { operationsOf, type AnyContract } from '../model/contract.ts'
import { isDeclared } from '../model/declared-error.ts'
import type { AnyOperation } from '../model/operation.ts'
import type { Envelope } from '../network/envelope.ts'
import type { Bindings } from './binding.ts'
import { ChainedEnvelope } from './chain.ts'

/** Time for a call of which nothing else is said. */
export const DEFAULT_CALL_MS = 5_000

/** What a chain of calls is made from: the envelope being handled, and a count so that each call has a place of its own. */
export interface Origin {
  readonly caller: string | undefined
  readonly envelope: Envelope
  /** The number of the next call, or id, made while handling it. */
  next(): number
}

type Bound = (input?: unknown, options?: CallOptions) => Promise<unknown>
export type Clients = Readonly<Record<string, Readonly<Record<string, Bound>>>>

/** Makes `call` of a service's contexts. What can be prepared is prepared once; a context costs one small object. */
export function callFactory(uses: Uses, bindings: Bindings, only: 'all' | 'queries'): (origin: Origin) => Clients {
  const makers = Object.entries(uses).map(([service, contract]) => [service, clientFactory(contract, bindings, only)] as const)
  return (origin) => {
    const clients: Record<string, Readonly<Record<string, Bound>>> = {}
    for (const [service, make] of makers) clients[service] = make(origin)
    return clients
  }
}

function clientFactory(contract: AnyContract, bindings: Bindings, only: 'all' | 'queries'): (origin: Origin) => Readonly<Record<string, Bound>> {
  const operations = operationsOf(contract).filter(({ kind }) => only === 'all' || kind === 'query')
  // getters on a prototype, so that a context pays only for the operations it calls
  const prototype = {}
  for (const operation of operations) {
    Object.defineProperty(prototype, operation.name, {
      enumerable: true,
      get(this: { origin: Origin }) {
        return bound(operation, bindings, this.origin)
      },
    })
  }
  return (origin) => Object.create(prototype, { origin: { value: origin } }) as Readonly<Record<string, Bound>>
}

function bound(operation: AnyOperation, bindings: Bindings, origin: Origin): Bound & { result: Bound } {
  // neither an async function nor a `then`: each would be one more promise for every call
  const run = (input?: unknown, options?: CallOptions): Promise<unknown> => {
    try {
      const envelope = new ChainedEnvelope(origin.envelope, {
        caller: origin.caller,
        operation,
        ordinal: origin.next(),
        milliseconds: options?.deadline === undefined ? DEFAULT_CALL_MS : milliseconds(options.deadline),
        key: options?.idempotencyKey,
      })
      return bindings(operation.service).invoke(operation, input, envelope)
    } catch (error) {
      return Promise.reject(error)
    }
  }
  run.result = (input?: unknown, options?: CallOptions) => asResult(run(input, options))
  return run
}

/** A call's end as a value. Only failures that a caller can meet become values; a mistake of this process is thrown on. */
export async function asResult(call: Promise<unknown>): Promise<{ ok: true; value: unknown } | { ok: false; error: unknown }> {
  try {
    return { ok: true, value: await call }
  } catch (error) {
    if (isDeclared(error) || BanyanError.is(error)) return { ok: false, error }
    throw error
  }
}
