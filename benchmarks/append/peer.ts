import type pg from 'pg'

/** The conditions that all peers of a scenario meet. */
export interface Setup {
  /** Connects to the scenario's database: pools and clients are made with it. */
  readonly connection: pg.ClientConfig
  /** How many appends are asked for at a time. */
  readonly flight: number
}

/** What a stream was like after an append, as the peer wants to be told with the next one; undefined for a new stream. */
export type Token = unknown

/** An open way to append. */
export interface Peer extends AsyncDisposable {
  /** Appends two events to a stream that must be as `after` says. Rejects if it is not. */
  append(stream: string, after: Token): Promise<Token>
  /** Appends two events to one stream for many callers at once; absent where each append must wait for the one before. */
  readonly appendHot?: (stream: string) => Promise<void>
}

export interface PeerKind {
  readonly name: string
  /** What it does for its figure, and what it does not. */
  readonly remarks: string
  /** Makes its tables. */
  prepare(client: pg.Client): Promise<void>
  start(setup: Setup): Promise<Peer>
}

/** The two events that everybody appends. */
export function orderEvents(stream: string): { type: string; data: Record<string, unknown>; meta: Record<string, unknown> }[] {
  const meta = {
    correlation: stream,
    causation: stream,
    causedBy: 'command',
    by: 'orders.place',
    actor: 'user-1234',
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  }
  return [
    { type: 'Placed', data: { orderId: stream, customerId: 'customer-12345', lines: [{ sku: 'kettle-1l', quantity: 2, price: 1250 }], currency: 'EUR' }, meta },
    { type: 'Priced', data: { orderId: stream, net: 2101, tax: 399, total: 2500, currency: 'EUR', rule: 'standard', discounts: [] }, meta },
  ]
}
