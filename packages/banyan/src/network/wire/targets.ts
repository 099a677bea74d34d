import { BanyanError } from '../../kernel/errors.ts'
import { crashPoint } from '../../kernel/crash-point.ts'
import type { AnyOperation } from '../../model/operation.ts'
import type { HttpServerOptions } from '../http/options.ts'
import type { CalledEnvelope } from './called-envelope.ts'

/** What a call can be for. */
export interface Target {
  readonly operation: AnyOperation | undefined
  /** Whether it only waits for news: it holds no place, and is let go of when the unit leaves. */
  readonly waits: boolean
  /** A promise, or what is answered at once. */
  answer(input: unknown, envelope: CalledEnvelope): unknown
}

/** What the wire calls an operation. */
export function targetOf(operation: AnyOperation): string {
  return `${operation.service}.${operation.name}`
}

const FEED = '.~feed' // an operation's name is an identifier, so none is called this

/** What the wire calls the feed of a service. */
export function feedTarget(service: string): string {
  return service + FEED
}

/** What a unit answers, by name: every operation of the app, and its feeds. */
export function targets({ operations, invoke, peer }: Pick<HttpServerOptions, 'operations' | 'invoke' | 'peer'>): (name: string) => Target {
  const known = new Map<string, Target>(operations.map((operation) => [targetOf(operation), operationTarget(operation, invoke)]))
  return (name) => {
    const found = known.get(name)
    if (found) return found
    if (name.endsWith(FEED) && peer?.feed) return feed(name.slice(0, -FEED.length), peer.feed)
    throw new BanyanError('not_found', `this unit knows no operation ${name}; its contracts are older, or newer, than the caller's`)
  }
}

function operationTarget(operation: AnyOperation, invoke: HttpServerOptions['invoke']): Target {
  if (operation.kind === 'query') return { operation, waits: false, answer: (input, envelope) => invoke(operation, input, envelope) }
  return {
    operation,
    waits: false,
    async answer(input, envelope) {
      if (!envelope.keyed) throw new BanyanError('key_invalid', `a command of ${envelope.caller ?? 'a unit'} came without an idempotency key`)
      const output = await invoke(operation, input, envelope)
      crashPoint('call.executed')
      return output
    },
  }
}

function feed(service: string, read: NonNullable<NonNullable<HttpServerOptions['peer']>['feed']>): Target {
  return { operation: undefined, waits: true, answer: (request, { signal, caller }) => read(service, request, signal, caller) }
}
