import { BanyanError } from '../kernel/errors.ts'
import { parseWith } from '../kernel/schema.ts'
import { categoryOf } from '../events/event.ts'
import type { FeedEvent } from '../events/feed.ts'
import type { AnyEvent } from '../model/event.ts'
import type { Awaitable } from '../model/schema.ts'
import type { ServiceFacts } from '../model/service.ts'
import type { Publisher } from './publish.ts'

/** A function of a service and the event it listens to. */
export interface Listener {
  readonly event: AnyEvent
  readonly run: (data: never, context: never) => Awaitable<unknown>
  /** Set where all such events of a transaction are given at once: which of those its place is. */
  readonly together?: number
}

/** What one subscription listens to in the log of one service. */
export interface Listening {
  readonly source: string
  /** Types to ask the feed for. */
  readonly types: readonly string[]
  /** Whoever is to run for an event, with the data as it declares it. */
  find(event: FeedEvent): { readonly listener: Listener; readonly data: unknown } | undefined
}

/** Groups listeners by the service whose log they read. */
export function listenings(facts: ServiceFacts, own: Publisher, listeners: readonly Listener[]): readonly Listening[] {
  const name = facts.contract['~contract']
  const bySource = Map.groupBy(listeners, ({ event }) => event.service ?? name)
  return [...bySource].map(([source, group]) => (source === name ? ownListening(name, own, group) : foreignListening(source, group)))
}

/** The own log is read as recorded: private events, and public ones made of them here. */
function ownListening(source: string, own: Publisher, listeners: readonly Listener[]): Listening {
  const types = listeners.flatMap(({ event }) => (event.aggregate === undefined ? own.recorded(event.name) : [event.name]))
  return {
    source,
    types: [...new Set(types)],
    find(event) {
      const category = categoryOf(event.stream)
      const direct = listeners.find((listener) => listener.event.aggregate === category && listener.event.name === event.type)
      if (direct) return { listener: direct, data: read(direct.event, event) }
      const seen = own.publish(event)
      const listener = seen && listeners.find((candidate) => candidate.event.aggregate === undefined && candidate.event.name === seen.type)
      return listener && { listener, data: read(listener.event, { ...event, ...seen }) }
    },
  }
}

function foreignListening(source: string, listeners: readonly Listener[]): Listening {
  const byType = new Map(listeners.map((listener) => [listener.event.name, listener]))
  return {
    source,
    types: [...byType.keys()],
    find(event) {
      const listener = byType.get(event.type)
      return listener && { listener, data: read(listener.event, event) }
    },
  }
}

/** The data as the consumer's contract has it. A newer version than it knows waits for the consumer's deployment instead of being misread. */
function read(declared: AnyEvent, event: FeedEvent): unknown {
  const name = `${declared.service ?? declared.aggregate}.${declared.name}`
  if (event.schema > declared.version) {
    throw new BanyanError(
      'newer_event',
      `${name} ${event.id} has version ${event.schema} of its schema, and this process knows ${declared.version}; deploy readers before writers`,
    )
  }
  const parsed = parseWith(declared.schema, event.data)
  if (parsed.ok) return parsed.value
  const issues = parsed.issues.map(({ path, message }) => `${path}: ${message}`).join('; ')
  throw new BanyanError('invalid_event', `${name} ${event.id} does not match its schema: ${issues}`, { details: { issues: parsed.issues } })
}
