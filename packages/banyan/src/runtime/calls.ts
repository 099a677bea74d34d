import { milliseconds } from '../kernel/duration.ts'
import { BanyanError } from '../kernel/errors.ts'
import type { QueryCallOptions, Uses } from '../model/call.ts'
import type { Log } from '../model/context.ts'
import { operationsOf, type AnyContract } from '../model/contract.ts'
import { isDeclared } from '../model/declared-error.ts'
import type { AnyOperation, Kind } from '../model/operation.ts'
import type { Envelope } from '../network/envelope.ts'
import { orFallback } from '../network/fallback.ts'
import type { Bindings } from './binding.ts'
import { ChainedEnvelope } from './chain.ts'

/** Time for a call of which nothing else is said. */
export const DEFAULT_CALL_MS = 5_000

/** What a chain of calls is made from: the envelope being handled, and a count so that each call has a place of its own. */
export interface Origin {
  readonly caller: string | undefined
  readonly envelope: Envelope
  /**
   * The place of the next call among the commands called while handling it. Queries take none: a repeat may make other queries than the
   * first time, such as those of a fallback, and its commands must have the same keys all the same.
   */
  next(kind: Kind): number
}

type Options = QueryCallOptions<unknown>
type Bound = (input?: unknown, options?: Options) => Promise<unknown>
export type Clients = Readonly<Record<string, Readonly<Record<string, Bound>>>>

export interface CallFactoryOptions {
  readonly bindings: Bindings
  readonly only: 'all' | 'queries'
  /** Is told of fallbacks. */
  readonly log: Log
}

/** Makes `call` of a service's contexts. What can be prepared is prepared once; a context costs one small object. */
export function callFactory(uses: Uses, options: CallFactoryOptions): (origin: Origin) => Clients {
  const makers = Object.entries(uses).map(([service, contract]) => [service, clientFactory(contract, options)] as const)
  return (origin) => {
    const clients: Record<string, Readonly<Record<string, Bound>>> = {}
    for (const [service, make] of makers) clients[service] = make(origin)
    return clients
  }
}

function clientFactory(contract: AnyContract, { bindings, only, log }: CallFactoryOptions): (origin: Origin) => Readonly<Record<string, Bound>> {
  const operations = operationsOf(contract).filter(({ kind }) => only === 'all' || kind === 'query')
  // getters on a prototype, so that a context pays only for the operations it calls
  const prototype = {}
  for (const operation of operations) {
    Object.defineProperty(prototype, operation.name, {
      enumerable: true,
      get(this: { origin: Origin }) {
        return bound(operation, this.origin, bindings, log)
      },
    })
  }
  return (origin) => Object.create(prototype, { origin: { value: origin } }) as Readonly<Record<string, Bound>>
}

function bound(operation: AnyOperation, origin: Origin, bindings: Bindings, log: Log): Bound & { result: Bound } {
  const { service, name, kind } = operation
  // neither an async function nor a `then`: each would be one more promise for every call
  const invoke = (input: unknown, options: Options | undefined): Promise<unknown> => {
    try {
      const envelope = new ChainedEnvelope(origin.envelope, {
        caller: origin.caller,
        operation,
        ordinal: origin.next(kind),
        milliseconds: options?.deadline === undefined ? DEFAULT_CALL_MS : milliseconds(options.deadline),
        key: options?.idempotencyKey,
      })
      // a promise is handed on as it is
      return Promise.resolve(bindings(service).invoke(operation, input, envelope))
    } catch (error) {
      return Promise.reject(error)
    }
  }
  const fellBack = ({ code, message }: BanyanError): void =>
    log.debug('a call was answered by its fallback', { call: `${service}.${name}`, code, reason: message })
  const run = (input?: unknown, options?: Options): Promise<unknown> =>
    options?.fallback === undefined ? invoke(input, options) : orFallback(operation, options, () => invoke(input, options), fellBack)
  run.result = (input?: unknown, options?: Options) => asResult(run(input, options))
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
