import type { Lifecycle } from '../kernel/lifecycle.ts'
import { parseWith } from '../kernel/schema.ts'
import { Gate as LimitGate } from '../limits/gate.ts'
import { guardsOf, type Guard } from '../limits/guard.ts'
import { memoryStore, redisStore, whenAway, type LimitStore } from '../limits/stores.ts'
import type { Identity } from '../model/access.ts'
import type { Log } from '../model/context.ts'
import type { LimitRequest } from '../model/limit.ts'
import type { AnyOperation } from '../model/operation.ts'
import type { Schema } from '../model/schema.ts'
import type { Gate, Gates, Visitor } from '../network/http/gate.ts'
import type { LoadedApp } from './load.ts'
import type { Placement } from './placement.ts'
import { redisAddress } from './redis-place.ts'
import { serviceGate, type ServiceGate } from './service-gate.ts'
import { watchedRedis } from './watched-redis.ts'

export interface LimitsParts {
  readonly loaded: LoadedApp
  readonly placement: Pick<Placement, 'limits'>
  readonly development: boolean
  readonly lifecycle: Lifecycle
  readonly log: Log
}

/** The gates in front of operations that have limits; both of one operation count together. */
export interface OperationGates {
  /** For requests from outside. */
  readonly outside: (operation: AnyOperation) => Gates | undefined
  /** For what other services ask, with the input as the contract has it. */
  readonly services: (operation: AnyOperation) => ServiceGate | undefined
}

/** Throws `invalid_configuration` where the topology names a Redis that has no address. */
export async function openLimits(parts: LimitsParts): Promise<OperationGates> {
  const { services } = parts.loaded
  const policyOf = ({ service, name }: AnyOperation) => services.get(service)?.policies[name]
  const isLimited = [...services.values()].some(({ policies }) => Object.values(policies).some(({ limit, quota }) => limit ?? quota))
  if (!isLimited) return { outside: () => undefined, services: () => undefined }
  const store = await openStore(parts)
  const known = new Map<string, readonly Guard[]>()
  const guards = (operation: AnyOperation): readonly Guard[] => {
    const [name, policy] = [nameOf(operation), policyOf(operation)]
    const made = known.get(name) ?? (policy ? guardsOf(name, policy, store) : [])
    known.set(name, made)
    return made
  }
  return {
    outside: (operation) => gatesOf(nameOf(operation), guards(operation), operation.facts.input),
    services: (operation) =>
      serviceGate(
        nameOf(operation),
        guards(operation).filter(({ services: also }) => also),
        parts.log,
      ),
  }
}

function nameOf({ service, name }: AnyOperation): string {
  return `${service}.${name}`
}

function gatesOf(operation: string, guards: readonly Guard[], schema: Schema | undefined): Gates | undefined {
  if (guards.length === 0) return undefined
  const [late, early] = [guards.filter((guard) => guard.needsInput), guards.filter((guard) => !guard.needsInput)]
  return { first: early.length > 0 ? gate(operation, early) : undefined, withInput: late.length > 0 ? readingGate(operation, late, schema) : undefined }
}

function gate(operation: string, guards: readonly Guard[]): Gate {
  const limits = new LimitGate(operation, guards)
  return { pass: (visitor) => limits.pass(new Counted(visitor, operation)) }
}

/** A visitor as limits count it; its address is asked for only where one goes by it. */
class Counted implements LimitRequest {
  readonly operation: string
  readonly #visitor: Visitor

  constructor(visitor: Visitor, operation: string) {
    this.#visitor = visitor
    this.operation = operation
  }

  get identity(): Identity {
    return this.#visitor.identity
  }

  get address(): string {
    return this.#visitor.address
  }

  get input(): unknown {
    return this.#visitor.input
  }
}

/** What is counted by its input is read as the contract has it. What cannot be read so is let through to be told what is wrong with it. */
function readingGate(operation: string, guards: readonly Guard[], schema: Schema | undefined): Gate {
  const inner = gate(operation, guards)
  if (!schema) return inner
  return {
    pass(visitor) {
      const read = parseWith(schema, visitor.input)
      const { identity } = visitor
      return read.ok
        ? inner.pass({
            identity,
            get address() {
              return visitor.address
            },
            input: read.value,
          })
        : { refusal: undefined, policy: '', state: '' }
    },
  }
}

async function openStore({ loaded, placement: { limits }, development, lifecycle, log }: LimitsParts): Promise<LimitStore> {
  if (!limits) return memoryStore()
  const url = redisAddress(limits, 'limits', development)
  if (url === undefined) return memoryStore()
  const consequence = limits.whenAway === 'open' ? 'each process limits for itself until it is back' : 'what has a limit is refused until it is back'
  const away = `limits cannot be counted in Redis; ${consequence}`
  const redis = await watchedRedis({ what: 'limits', url, prefix: limits.prefix ?? `${loaded.name}:`, away, lifecycle, log })
  return whenAway(redisStore(redis), limits.whenAway === 'open' ? memoryStore() : 'closed')
}
