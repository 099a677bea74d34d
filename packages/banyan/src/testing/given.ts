import { AssertionError } from 'node:assert'
import { isDeepStrictEqual } from 'node:util'
import type { Aggregate } from '../model/aggregate.ts'
import type { AnyEvent, DomainEventValue, DomainValue } from '../model/event.ts'
import { parseWith } from '../kernel/schema.ts'
import { scenario, text, type Outcome, type Then } from './scenario.ts'

/** The deciders of an aggregate with the state filled in. */
export type Deciding<D, Events> = {
  readonly [K in keyof D]: D[K] extends (state: never) => unknown
    ? () => Verdict<Events>
    : D[K] extends (state: never, command: infer C) => unknown
      ? (command: C) => Verdict<Events>
      : never
}
/** What was decided; hand it back from `when`. */
export interface Verdict<Events> {
  readonly '~decided': Events
}

export interface Given<State, Events, D> {
  /** What the events led to. */
  readonly state: State
  /** Runs one decider on that state: `.when((order) => order.cancel({ by: 'ada' }))`. */
  when(command: (deciders: Deciding<D, Events>) => Verdict<Events>): Then<DomainValue<Events>>
}

/**
 * Specifies an aggregate by example: `given(order, [Placed({ … })]).when((d) => d.cancel({ by })).then([Cancelled({ … })])`. Events pass
 * through JSON and their schemas as they do in a log, states are frozen, and a decider runs twice, so that an impure one is found. Needs no
 * test runner: failures are `AssertionError`s of node:assert.
 */
export function given<State, Events, D>(aggregate: Aggregate<string, State, Events, D>, history: readonly DomainValue<Events>[] = []): Given<State, Events, D> {
  const past = recorded(aggregate, history)
  const evolve = aggregate.evolve as Readonly<Record<string, (state: State, data: unknown) => State>>
  const state = past.reduce((before, { type, data }) => frozen(evolve[type]!(before, data)), frozen(aggregate.initial))
  return {
    state,
    when: (command) => {
      const ran: { outcome: Outcome; name: string; input: unknown }[] = []
      const deciders = Object.entries(aggregate.decide as Readonly<Record<string, Decider>>).map(([name, decide]) => {
        const run = (input: unknown) => ran.push({ outcome: outcomeOf(aggregate, name, decide, state, input), name, input })
        return [name, run] as const
      })
      command(Object.fromEntries(deciders) as never)
      const [only, ...more] = ran
      if (!only || more.length > 0)
        throw failure(`${aggregate.name}: \`when\` runs exactly one decider, and this one ran ${ran.map(({ name }) => name).join(', ') || 'none'}`)
      const after = past.length === 0 ? 'without history' : `after [${past.map(({ type }) => type).join(', ')}]`
      return scenario(`${aggregate.name} ${after}: ${only.name}(${text(only.input)})`, only.outcome, (events) => recorded(aggregate, events))
    },
  }
}

type Decider = (state: unknown, command: unknown) => unknown
interface AnyEvents {
  readonly name: string
  readonly events: Readonly<Record<string, AnyEvent>>
}

function outcomeOf(aggregate: AnyEvents, name: string, decide: Decider, state: unknown, input: unknown): Outcome {
  const first = attempt(aggregate, decide, state, input)
  const again = attempt(aggregate, decide, state, input)
  if (isDeepStrictEqual(comparable(first), comparable(again))) return first
  throw failure(`${aggregate.name}.${name} is not pure: it decided differently the second time; pass ids and times in with the command`)
}

function attempt(aggregate: AnyEvents, decide: Decider, state: unknown, input: unknown): Outcome {
  let decided: unknown
  try {
    decided = decide(state, input)
  } catch (error) {
    return { kind: 'threw', error }
  }
  if (decided instanceof Promise) throw failure(`${aggregate.name}: deciders are synchronous; ask others before deciding`)
  const events = decided === undefined ? [] : Array.isArray(decided) ? (decided as DomainEventValue[]) : [decided as DomainEventValue]
  return { kind: 'decided', events: recorded(aggregate, events) }
}

function comparable(outcome: Outcome): unknown {
  return outcome.kind === 'decided' ? outcome.events : String(outcome.error)
}

/** Events as the log gives them back. */
function recorded(aggregate: AnyEvents, events: readonly unknown[]): readonly DomainEventValue[] {
  return (events as readonly DomainEventValue[]).map(({ type, data }) => {
    const declared = aggregate.events[type]
    if (!declared) throw failure(`'${type}' is not an event of ${aggregate.name}; it has ${Object.keys(aggregate.events).join(', ')}`)
    const parsed = parseWith(declared.schema, data)
    if (!parsed.ok)
      throw failure(`${aggregate.name}.${type} does not match its schema: ${parsed.issues.map(({ path, message }) => `${path} ${message}`).join('; ')}`)
    return frozen({ type, data: JSON.parse(JSON.stringify(parsed.value)) as unknown })
  })
}

/** Frozen all through, so that an `evolve` or decider that changes what it was given fails. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const inner of Object.values(value)) frozen(inner)
  return Object.freeze(value)
}

function failure(message: string): AssertionError {
  return new AssertionError({ message, stackStartFn: given })
}
