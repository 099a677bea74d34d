import type { Kysely } from 'kysely'
import { BanyanError } from '../kernel/errors.ts'
import { uuidv7 } from '../kernel/id.ts'
import { storableJson } from '../kernel/json.ts'
import { parseWith } from '../kernel/schema.ts'
import type { EventMeta, NewEvent } from '../events/event.ts'
import type { Proposal, StreamState } from '../events/state-cache.ts'
import type { Expected, Send, StreamAppend } from '../events/unit.ts'
import type { StateOf } from '../model/aggregate.ts'
import type { Loaded, RunSql } from '../model/context.ts'
import type { DomainEventValue, EventValue } from '../model/event.ts'
import { eventsOf } from '../model/contract.ts'
import type { Schema } from '../model/schema.ts'
import type { ServiceFacts } from '../model/service.ts'
import type { Envelope } from '../network/envelope.ts'
import { sendFactory, type Senders } from './sends.ts'
import type { UnitTurns } from './turns.ts'

/** An aggregate as a unit of work uses it. */
export interface RunnableAggregate extends StateOf<unknown> {
  readonly events: Readonly<Record<string, { readonly schema: Schema; readonly version: number }>>
  readonly evolve: Readonly<Record<string, (state: unknown, data: unknown) => unknown>>
  readonly decide: Readonly<Record<string, (state: unknown, command: unknown) => DomainEventValue | readonly DomainEventValue[] | undefined>>
}

/** A stream as a unit found it, and what it adds. */
interface Touched {
  readonly stream: string
  readonly expected: Expected
  /** What it is decided on; `undefined` where nothing is. */
  readonly base: StreamState | undefined
  state: unknown
  readonly events: NewEvent[]
}

/** What a unit of work needs of its service. */
export interface UnitHost {
  readonly facts: ServiceFacts
  /** The state to decide on: only what is committed already, for units with a transaction of their own. */
  current(aggregate: RunnableAggregate, id: string): Promise<StreamState>
  readonly turns: UnitTurns
  /** Throws when the service has another aggregate of that name. */
  know(aggregate: RunnableAggregate): void
}

/** The SQL side of a unit, opened by its first statement. */
export interface SqlSide {
  readonly db: Kysely<never>
  readonly query: RunSql
}

/**
 * One attempt at a transaction: collects what is decided, emitted and sent; nothing of it reaches the database before the end, so that
 * the partitions of the log are locked for the commit only. Members are closures, so that `tx` may be taken apart.
 */
export class UnitOfWork {
  readonly #host: UnitHost
  readonly #meta: string
  readonly #sql: SqlSide
  readonly #touched = new Map<string, Touched>()
  readonly #sends: Send[] = []
  #closed = false
  readonly #envelope: Envelope
  #send: Senders | undefined

  constructor(host: UnitHost, sql: SqlSide, envelope: Envelope, by: string) {
    this.#host = host
    this.#sql = sql
    this.#envelope = envelope
    this.#meta = storableJson(metaOf(envelope, by), 'the origin of an event')
  }

  get send(): Senders {
    this.#send ??= sendFactory(
      this.#host.facts,
      this.#envelope,
    )((send) => {
      this.#assertOpen()
      this.#sends.push(send)
    })
    return this.#send
  }

  get db(): Kysely<never> {
    this.#assertOpen()
    return this.#sql.db
  }

  get query(): RunSql {
    return (text, values) => {
      this.#assertOpen()
      return this.#sql.query(text, values)
    }
  }

  get load(): (aggregate: RunnableAggregate, id: string) => Promise<Loaded<unknown>> {
    return async (aggregate, id) => {
      const touched = await this.#touch(aggregate, id)
      return { state: touched.state, version: versionOf(touched) }
    }
  }

  get decide(): (aggregate: RunnableAggregate, id: string) => Record<string, (command?: unknown) => Promise<{ version: number; events: number }>> {
    return (aggregate, id) => {
      const deciders: Record<string, (command?: unknown) => Promise<{ version: number; events: number }>> = {}
      for (const name of Object.keys(aggregate.decide)) deciders[name] = (command) => this.#decide(aggregate, id, name, command)
      return deciders
    }
  }

  get emit(): (event: EventValue, options: { key: string }) => void {
    return ({ service, type, data }, { key }) => {
      this.#assertOpen()
      const declared = eventsOf(this.#host.facts.contract).find((event) => event.name === type)
      if (!declared || declared.service !== service)
        throw new BanyanError('invalid_event', `emit: '${service}.${type}' is not an event of the contract '${this.#host.facts.contract['~contract']}'`)
      const stream = `@/${key}`
      const touched = this.#touched.get(stream) ?? { stream, expected: 'any' as const, base: undefined, state: undefined, events: [] }
      touched.events.push(newEvent(`${service}.${type}`, type, declared.version, declared.schema, data, this.#meta).event)
      this.#touched.set(stream, touched)
    }
  }

  /** Ends the attempt and answers what it adds. */
  close(): { streams: readonly StreamAppend[]; sends: readonly Send[] } {
    this.#closed = true
    return { streams: [...this.#touched.values()].map(appendOf), sends: this.#sends }
  }

  /** What the attempt looked at, without what it decided: for a refusal, which is right only if the state was the true one. */
  assertions(): readonly StreamAppend[] {
    return [...this.#touched.values()].flatMap((touched) => (touched.base ? [{ ...appendOf(touched), events: [] }] : []))
  }

  /** The states that follow when the unit commits. */
  proposals(): readonly Proposal[] {
    const proposals: Proposal[] = []
    for (const { stream, base, state, events } of this.#touched.values()) {
      if (!base) continue
      const last = events.at(-1)
      const next = last ? { version: base.version + events.length, last: last.id, state } : base
      proposals.push({ stream, base, next, bytes: events.reduce((sum, event) => sum + event.data.length, 0) })
    }
    return proposals
  }

  async #decide(aggregate: RunnableAggregate, id: string, name: string, command: unknown): Promise<{ version: number; events: number }> {
    const touched = await this.#touch(aggregate, id)
    this.#assertOpen()
    const decided = aggregate.decide[name]!(touched.state, command)
    if (decided instanceof Promise)
      throw new BanyanError(
        'invalid_transaction',
        `decider '${aggregate.name}.${name}' is asynchronous; deciders are pure, so ask others before the transaction`,
      )
    const values = decided === undefined ? [] : Array.isArray(decided) ? (decided as DomainEventValue[]) : [decided as DomainEventValue]
    for (const value of values) {
      const { event, data } = domainEvent(aggregate, value, this.#meta)
      touched.events.push(event)
      touched.state = aggregate.evolve[value.type]!(touched.state, data)
    }
    return { version: versionOf(touched), events: values.length }
  }

  async #touch(aggregate: RunnableAggregate, id: string): Promise<Touched> {
    this.#assertOpen()
    const stream = streamOf(aggregate, id)
    this.#host.know(aggregate)
    const known = this.#touched.get(stream)
    if (known) return known
    const turn = this.#host.turns.take(stream)
    if (turn) await turn
    const base = await this.#host.current(aggregate, id)
    const touched: Touched = this.#touched.get(stream) ?? { stream, expected: base.version, base, state: base.state, events: [] }
    this.#touched.set(stream, touched)
    return touched
  }

  #assertOpen(): void {
    if (this.#closed) throw new BanyanError('invalid_transaction', 'the transaction was used after its function returned; await everything inside it')
  }
}

/** The stream of an aggregate. */
export function streamOf(aggregate: StateOf<unknown>, id: string): string {
  if (id === '' || id.length > 200) {
    throw new BanyanError('invalid_transaction', `'${id}' cannot be the id of ${aggregate.name}: an id is text of 1 to 200 characters`)
  }
  return `${aggregate.name}/${id}`
}

function appendOf({ stream, expected, base, events }: Touched): StreamAppend {
  return base?.last === undefined ? { stream, expected, events } : { stream, expected, last: base.last, events }
}

function versionOf({ expected, events }: Touched): number {
  return (typeof expected === 'number' ? expected : 0) + events.length
}

function domainEvent(aggregate: RunnableAggregate, value: DomainEventValue, meta: string): { event: NewEvent; data: unknown } {
  const declared = aggregate.events[value.type]
  if (!declared)
    throw new BanyanError(
      'invalid_event',
      `a decider of '${aggregate.name}' returned '${value.type}', which is not among its events (${Object.keys(aggregate.events).join(', ')})`,
    )
  return newEvent(`${aggregate.name}.${value.type}`, value.type, declared.version, declared.schema, value.data, meta)
}

function newEvent(name: string, type: string, version: number, schema: Schema, data: unknown, meta: string): { event: NewEvent; data: unknown } {
  const parsed = parseWith(schema, data)
  if (!parsed.ok) {
    const issues = parsed.issues.map((issue) => `${issue.path}: ${issue.message}`).join('; ')
    throw new BanyanError('invalid_event', `the event ${name} does not match its schema: ${issues}`, { details: { issues: parsed.issues } })
  }
  return { event: { id: uuidv7(), type, schema: version, data: storableJson(parsed.value, `the event ${name}`), meta }, data: parsed.value }
}

function metaOf(envelope: Envelope, by: string): EventMeta {
  const { correlation, causation, causedBy, identity, traceparent } = envelope
  return { correlation, causation, causedBy, by, actor: identity.subject, traceparent }
}
