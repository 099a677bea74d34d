import type { Reads, Schema, Sends, Wire } from './schema.ts'

export interface EventOptions {
  /** Version of the schema, 1 unless said; a consumer that knows only older ones waits instead of misreading. */
  version?: number
}

/** An event's declaration before a contract or `events` names it. */
export interface EventSpec<Data> {
  readonly kind: 'event'
  readonly schema: Schema
  readonly version: number
  readonly '~types': Data
}

/** Declares an event: a fact in the past tense. */
export function event<S extends Schema>(schema: S, options: EventOptions = {}): EventSpec<Wire<S>> {
  return { kind: 'event', schema, version: options.version ?? 1, '~types': undefined as never }
}

/** An event as something to react to: of a contract (`service`), or of an aggregate of one's own (`aggregate`). */
export interface EventRef<Data> {
  readonly kind: 'event'
  readonly service: string | undefined
  readonly aggregate: string | undefined
  readonly name: string
  readonly schema: Schema
  readonly version: number
  readonly '~reads': Data
}
export type AnyEvent = EventRef<unknown>

/** A contract's event as a value: what `tx.emit` takes. */
export interface EventValue<Service extends string = string, Name extends string = string, Data = unknown> {
  readonly service: Service
  readonly type: Name
  readonly data: Data
}

/** An event of a contract: call it to make one, pass it to `on` or a projection to react to one. */
export interface Event<Service extends string, Name extends string, Data> extends EventRef<Reads<Data>> {
  (data: Sends<Data>): EventValue<Service, Name, Sends<Data>>
  readonly service: Service
  readonly name: Name
}

/** A private event as a value: what a decider returns. */
export interface DomainEventValue<Name extends string = string, Data = unknown> {
  readonly type: Name
  readonly data: Data
}

/** A private event of an aggregate: call it to make one. */
export interface DomainEvent<Name extends string, Data> extends AnyDomainEvent {
  (data: Sends<Data>): DomainEventValue<Name, Sends<Data>>
  readonly name: Name
  readonly '~data': Data
}
export interface AnyDomainEvent {
  readonly kind: 'domain event'
  readonly name: string
  readonly schema: Schema
  readonly version: number
}
export type DomainEvents = Readonly<Record<string, AnyDomainEvent>>

/** The data of a private event, as it is read. */
export type DomainData<E> = E extends { readonly '~data': infer D } ? Reads<D> : never
/** What a decider may return of a set of private events. */
export type DomainValue<Events> = {
  [K in keyof Events]: Events[K] extends { readonly name: infer N extends string; readonly '~data': infer D } ? DomainEventValue<N, Sends<D>> : never
}[keyof Events]

type DomainOf<Name extends string, S> = S extends Schema ? DomainEvent<Name, Wire<S>> : S extends EventSpec<infer D> ? DomainEvent<Name, D> : never

/** Names private events, for an aggregate: `export const { Placed, Cancelled } = events({ Placed: z.object({ … }), Cancelled: … })`. */
export function events<const S extends Readonly<Record<string, Schema | EventSpec<unknown>>>>(
  specs: S,
): { readonly [K in keyof S]: DomainOf<K & string, S[K]> } {
  const named = Object.entries(specs).map(([name, spec]) => {
    const { schema, version } = 'kind' in spec ? spec : event(spec)
    const make = (data: unknown): DomainEventValue => ({ type: name, data })
    // a function's own `name` is not writable, hence defineProperties
    return [name, Object.defineProperties(make, fields({ kind: 'domain event', name, schema, version }))] as const
  })
  return Object.fromEntries(named) as never
}

/** Property descriptors of constants, for functions that carry fields. */
export function fields(values: Readonly<Record<string, unknown>>): PropertyDescriptorMap {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { value, enumerable: true }]))
}
