import type { Cache } from '../model/cache.ts'
import type { AsOf, Loaded, Log, Reader, RunSql, Tx } from '../model/context.ts'
import { OPERATOR, type Access, type Identity } from '../model/access.ts'
import type { StateOf } from '../model/aggregate.ts'
import type { Kind } from '../model/operation.ts'
import { BanyanError } from '../kernel/errors.ts'
import { derivedId } from '../kernel/id.ts'
import type { Sql } from '../store/sql.ts'
import type { Envelope } from '../network/envelope.ts'
import type { Clients, Origin } from './calls.ts'
import { authorize } from './gate.ts'

export type AnyTx = Tx<never>
export type Work = (tx: AnyTx) => unknown

/** Two ways to read tables. */
export interface TableReading {
  readonly reader: Reader<never>
  readonly query: RunSql
}

/** What a context needs of the service it belongs to. */
export interface Host {
  readonly name: string
  readonly log: Log
  /** The service's tables as they are for somebody. */
  reading(who: Identity): TableReading
  readonly cache: Cache
  now(): Date
  calls(origin: Origin): Clients
  queries(origin: Origin): Clients
  load(aggregate: StateOf<unknown>, id: string, asOf: AsOf | undefined): Promise<Loaded<unknown>>
}
/** Runs the one transaction of a context. `minted`: ids made by the context, under which there is nothing yet unless the command is a repeat. */
export type Transact = (work: Work, minted: ReadonlySet<string>, theirs?: Sql) => Promise<unknown>

/**
 * What handlers get. Members are getters that make closures when asked for, so that a handler which uses one pays for one and may take
 * it apart: `async (input, { call, transact }) => …`.
 */
class ReadingContext implements Origin {
  readonly envelope: Envelope
  protected readonly host: Host
  /** Whether the context's transaction function is running. */
  protected transacting = false
  #ordinal = 0

  constructor(host: Host, envelope: Envelope) {
    this.host = host
    this.envelope = envelope
  }

  get caller(): string {
    return this.host.name
  }

  next(kind: Kind): number {
    if (this.transacting) {
      throw new BanyanError(
        'invalid_transaction',
        `${this.host.name} calls another service inside its transaction, which would hold locks while it waits; ask before transact, or tell by tx.send`,
      )
    }
    return kind === 'command' ? this.#ordinal++ : this.#ordinal
  }

  get identity(): Identity {
    return this.envelope.identity
  }

  get authorize(): (object: unknown, rule: Access<never>) => void {
    return (object, rule) => {
      if (this.envelope.caller !== OPERATOR) authorize(this.host.name, rule, this.envelope, object)
    }
  }

  get signal(): AbortSignal {
    return this.envelope.signal
  }

  get log(): Log {
    return this.host.log
  }

  get now(): () => Date {
    return () => this.host.now()
  }

  get db(): Reader<never> {
    return this.host.reading(this.envelope.identity).reader
  }

  get query(): RunSql {
    return this.host.reading(this.envelope.identity).query
  }

  get cache(): Cache {
    return this.host.cache
  }

  get load(): (aggregate: StateOf<unknown>, id: string, asOf?: AsOf) => Promise<Loaded<unknown>> {
    return (aggregate, id, asOf) => this.host.load(aggregate, id, asOf)
  }
}

export class QueryContextOf extends ReadingContext {
  get call(): Clients {
    return this.host.queries(this)
  }
}

class TransactingContext extends ReadingContext {
  readonly #transact: Transact
  readonly #minted = new Set<string>()
  #ids = 0

  constructor(host: Host, envelope: Envelope, transact: Transact) {
    super(host, envelope)
    this.#transact = transact
  }

  get transact(): (work: Work) => Promise<unknown> {
    return (work) => this.#guarded(work)
  }

  get within(): (theirs: Sql, work: Work) => Promise<unknown> {
    return (theirs, work) => this.#guarded(work, theirs)
  }

  async #guarded(work: Work, theirs?: Sql): Promise<unknown> {
    this.transacting = true
    try {
      return await this.#transact(work, this.#minted, theirs)
    } finally {
      this.transacting = false
    }
  }

  get id(): () => string {
    return () => this.#newId()
  }

  /** Ids that come out the same when the command is repeated under its key, whoever else uses that key. */
  #newId(): string {
    const { key, identity } = this.envelope
    const id = derivedId(key, this.host.name, 'id', identity.tenant, identity.subject, this.#ids++)
    this.#minted.add(id)
    return id
  }
}

export class CommandContextOf extends TransactingContext {
  get key(): string {
    return this.envelope.key
  }

  get call(): Clients {
    return this.host.calls(this)
  }
}

export interface DeliveryFacts {
  readonly id: string
  readonly at: Date
  readonly attempt: number
  readonly correlation: string
  readonly key: string
}

export class ReactionContextOf extends TransactingContext {
  readonly event: DeliveryFacts

  constructor(host: Host, envelope: Envelope, transact: Transact, event: DeliveryFacts) {
    super(host, envelope, transact)
    this.event = event
  }

  get call(): Clients {
    return this.host.queries(this)
  }
}
