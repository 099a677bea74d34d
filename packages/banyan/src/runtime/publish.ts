import { BanyanError } from '../kernel/errors.ts'
import { parseWith } from '../kernel/schema.ts'
import { categoryOf, type RecordedEvent } from '../events/event.ts'
import type { PublicEvent } from '../events/publisher.ts'
import { eventsOf } from '../model/contract.ts'
import type { AnyEvent } from '../model/event.ts'
import type { Published, ServiceFacts } from '../model/service.ts'

/** How a service's log looks from outside. */
export interface Publisher {
  /** The public form of a recorded event; `undefined` for what stays private. */
  publish(event: RecordedEvent): PublicEvent | undefined
  /** The recorded types that a public type comes from. */
  recorded(type: string): readonly string[]
}

/** The category of events emitted without an aggregate. */
const EMITTED = '@'

export function publisherOf(facts: ServiceFacts): Publisher {
  const declared = new Map(eventsOf(facts.contract).map((event) => [event.name, event]))
  const mapped = new Map(
    Object.entries(facts.publishes).map(([name, published]) => [`${published.aggregate.name} ${published.event}`, { event: declared.get(name)!, published }]),
  )
  return {
    publish(recorded) {
      const category = categoryOf(recorded.stream)
      if (category === EMITTED) {
        const event = declared.get(recorded.type)
        return event && { type: event.name, schema: recorded.schema, data: recorded.data }
      }
      const found = mapped.get(`${category} ${recorded.type}`)
      return found && publicForm(found.event, found.published, recorded)
    },
    recorded: (type) => [...new Set([type, ...(facts.publishes[type] ? [facts.publishes[type].event] : [])])],
  }
}

/** Mapped where the shapes differ, and stripped to what the contract names, so that nothing private leaves. */
function publicForm(event: AnyEvent, { map }: Published, recorded: RecordedEvent): PublicEvent {
  const about = { id: keyOf(recorded.stream), version: recorded.version, at: recorded.at }
  const data = map ? map(recorded.data as never, about) : recorded.data
  const parsed = parseWith(event.schema, data)
  if (parsed.ok) return { type: event.name, schema: event.version, data: parsed.value }
  const issues = parsed.issues.map(({ path, message }) => `${path}: ${message}`).join('; ')
  throw new BanyanError(
    'invalid_event',
    `${event.service} publishes ${event.name} from ${recorded.type}, but the event ${recorded.id} does not fit the contract: ${issues}`,
    {
      details: { issues: parsed.issues },
    },
  )
}

/** What an event is ordered by: `0192…` of `order/0192…`. */
export function keyOf(stream: string): string {
  return stream.slice(stream.indexOf('/') + 1)
}
