import { errorOf } from './declared-error.ts'
import { fields, type AnyEvent, type Event, type EventRef, type EventSpec } from './event.ts'
import type { AnyOperation, Kind, Operation, Spec } from './operation.ts'

type Bind<Service extends string, Name extends string, M> =
  M extends Spec<infer K, infer I, infer O, infer E> ? Operation<Service, Name, K, I, O, E> : M extends EventSpec<infer D> ? Event<Service, Name, D> : never

export type Member = Spec<Kind, unknown, unknown, unknown> | EventSpec<unknown>
export type Members = Readonly<Record<string, Member>>
export interface AnyContract {
  readonly '~contract': string
}
/** What others may know of a service: its operations and public events, by name. */
export type Contract<Service extends string, M extends Members> = { readonly [K in keyof M]: Bind<Service, K & string, M[K]> } & {
  readonly '~contract': Service
}

export type ServiceName<C extends AnyContract> = C['~contract']
type KeysOf<C, T> = { [K in keyof C]: C[K] extends T ? K : never }[keyof C]
export type OperationsOf<C> = KeysOf<C, AnyOperation> & keyof C
export type QueriesOf<C> = KeysOf<C, Operation<string, string, 'query', unknown, unknown, {}>> & keyof C
export type CommandsOf<C> = KeysOf<C, Operation<string, string, 'command', unknown, unknown, {}>> & keyof C
export type EventsOf<C> = KeysOf<C, AnyEvent> & keyof C
export type ReadOf<E> = E extends EventRef<infer R> ? R : never

/**
 * Names a service's operations and events. A contract holds schemas and nothing else: it imports no other service and no implementation,
 * so anybody may import it, and it is the seam along which a system comes apart.
 */
export function contract<const Service extends string, M extends Members>(service: Service, members: M): Contract<Service, M> {
  const bound = Object.entries(members).map(
    ([name, member]) => [name, member.kind === 'event' ? bindEvent(service, name, member) : bindOperation(service, name, member)] as const,
  )
  return Object.freeze({ ...Object.fromEntries(bound), '~contract': service }) as never
}

function bindOperation(service: string, name: string, { kind, facts }: Spec<Kind, unknown, unknown, unknown>): object {
  const errors = Object.fromEntries(Object.keys(facts.errors).map((code) => [code, errorOf(service, name, code)]))
  return Object.freeze({ kind, service, name, facts, errors })
}

function bindEvent(service: string, name: string, { schema, version }: EventSpec<unknown>): object {
  const make = (data: unknown) => ({ service, type: name, data })
  return Object.defineProperties(make, fields({ kind: 'event', service, aggregate: undefined, name, schema, version }))
}

/** The operations of a contract, at run time. */
export function operationsOf(of: AnyContract): readonly AnyOperation[] {
  return membersOf(of).filter((member): member is AnyOperation => 'facts' in member)
}

/** The public events of a contract, at run time. */
export function eventsOf(of: AnyContract): readonly AnyEvent[] {
  return membersOf(of).filter((member): member is AnyEvent => !('facts' in member))
}

function membersOf(of: AnyContract): readonly (AnyOperation | AnyEvent)[] {
  return Object.entries(of).flatMap(([key, member]) => (key === '~contract' ? [] : [member as AnyOperation | AnyEvent]))
}
