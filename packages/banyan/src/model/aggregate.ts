import type { AnyDomainEvent, AnyEvent, DomainData, DomainEvents, DomainValue, EventRef } from './event.ts'
import { fields } from './event.ts'

/** What a decider returns: the events that follow from the command, or nothing. It throws a declared error to refuse. */
export type Decision<Events> = DomainValue<Events> | readonly DomainValue<Events>[] | void
/** A conditional type, so that TypeScript fills in State before it reads the body: literals such as `'placed'` then keep their type. */
type Fold<State, Data> = [State] extends [infer S] ? (state: S, data: Data) => S : never
type Evolve<State, Events> = { readonly [K in keyof Events]: Fold<State, DomainData<Events[K]>> }
/** `never` stands for "each decider names its own command". */
export type Deciders<State, Events> = Readonly<Record<string, (state: State, command: never) => Decision<Events>>>

/**
 * An event-sourced aggregate (Evans, "Domain-Driven Design"; Chassaing, "Functional Event Sourcing Decider"): pure, so that given past
 * events, when a command, then events can be tested without anything running.
 */
export interface Aggregate<Name extends string, State, Events, D> extends AnyAggregate {
  readonly name: Name
  /** The private events, as something a projection can listen to. */
  readonly events: { readonly [K in keyof Events]: EventRef<DomainData<Events[K]>> }
  readonly initial: State
  readonly evolve: Evolve<State, Events>
  readonly decide: D
  readonly '~events': Events
}
/** An aggregate of which only the name matters. */
export interface AnyAggregate {
  readonly kind: 'aggregate'
  readonly name: string
}
/** An aggregate of which the state matters. */
export interface StateOf<State> extends AnyAggregate {
  readonly initial: State
}
/** An aggregate of which the deciders matter. */
export interface DecidersOf<D> extends AnyAggregate {
  readonly decide: D
}
/** An aggregate of which the events matter. */
export interface PrivateEventsOf<Events> extends AnyAggregate {
  readonly '~events': Events
}

export interface AggregateOptions<State, Events, D> {
  /** Its own, private events; a service's `publishes` says what leaves the house. */
  events: Events
  /** The state before the first event: `{ status: 'none' } as OrderState`. */
  initial: State
  evolve: Evolve<State, Events>
  decide: D & Deciders<State, Events>
}

/** Declares an aggregate. Its streams are named `name/id`. `evolve` and `decide` must be pure and synchronous. */
export function aggregate<const Name extends string, State, Events extends DomainEvents, D>(
  name: Name,
  options: AggregateOptions<State, Events, D>,
): Aggregate<Name, State, Events, D> {
  const events = Object.fromEntries(Object.entries(options.events).map(([key, event]) => [key, reference(name, event)]))
  const declared = Object.freeze({ kind: 'aggregate', name, ...options, events } as const)
  for (const event of Object.values(events)) declaring.set(event, declared)
  return declared as never
}

const declaring = new WeakMap<object, AnyAggregate>()

/** The aggregate that a private event is from; `undefined` for a contract's event. */
export function aggregateOf(event: AnyEvent): AnyAggregate | undefined {
  return declaring.get(event)
}

function reference(aggregate: string, event: AnyDomainEvent): object {
  return Object.defineProperties({}, fields({ kind: 'event', service: undefined, aggregate, name: event.name, schema: event.schema, version: event.version }))
}

/** The deciders of an aggregate as a transaction offers them: state is supplied, the command is passed, what was decided is appended at the commit. */
export type Decide<D> = {
  readonly [K in keyof D]: D[K] extends (state: never) => unknown
    ? () => Promise<Decided>
    : D[K] extends (state: never, command: infer C) => unknown
      ? (command: C) => Promise<Decided>
      : never
}
export interface Decided {
  /** The stream's version once the transaction commits. */
  readonly version: number
  /** How many events were decided. */
  readonly events: number
}
