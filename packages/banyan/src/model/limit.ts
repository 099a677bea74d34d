import type { Duration } from '../kernel/duration.ts'
import type { Identity } from './access.ts'
import type { RedisSetting } from './redis-setting.ts'

/** `'10/s'`, `'100/m'`, `'1000/h'`, `'5000/d'`. */
export type RateText = `${number}/${'s' | 'm' | 'h' | 'd'}`
export type LimitAlgorithm = 'token-bucket' | 'gcra' | 'sliding-window'

/** Whom a limit counts a request for. */
export interface LimitRequest<Input = unknown> {
  readonly identity: Identity
  /** The client's address, which only trusted proxies may name. */
  readonly address: string
  /** `orders.place` */
  readonly operation: string
  readonly input: Input
}

/**
 * What has a count of its own. `user`: the subject, which an API key is as well, or for whoever has not logged in the address. `ip`: the address; of IPv6 the network of 64 bits,
 * since that is what one customer has. `tenant`. `operation`: all requests together.
 * A function: whatever it answers.
 */
export type LimitKey<Input = unknown> = 'user' | 'ip' | 'tenant' | 'operation' | ((request: LimitRequest<Input>) => string)

interface Counted<Input> {
  /** `user` unless said. */
  readonly per?: LimitKey<Input>
  /** What a request costs, a whole number from 0; 1 unless said. */
  readonly cost?: number | ((input: Input) => number)
  /** What clients know it by, in the RateLimit fields; `user`, `ip` … unless said. */
  readonly name?: string
  /** Counts calls and sends of other services as well; only requests from outside unless said. In them the calling service stands for the address. */
  readonly also?: 'services'
}

/** So many in a time. */
export interface RateLimit<Input = unknown> extends Counted<Input> {
  readonly rate: RateText
  /** What may be spent at once after a pause; as much as the rate says unless said. A sliding window has none. */
  readonly burst?: number
  /** `token-bucket` unless said. */
  readonly algorithm?: LimitAlgorithm
}
/** So many at once. */
export interface ConcurrencyLimit<Input = unknown> extends Omit<Counted<Input>, 'cost'> {
  readonly concurrency: number
  /** After which a place is free again although nobody gave it back, as when a process died; 60 s unless said, and more than any answer takes. */
  readonly lease?: Duration
}
export type Limit<Input = unknown> = RateLimit<Input> | ConcurrencyLimit<Input>

/** So many in a day or a month of the calendar, in UTC. */
export interface QuotaSizes {
  readonly perDay?: number
  readonly perMonth?: number
}
/** The same for all, or by the plan that a caller has. */
export type Quota<Input = unknown> = Counted<Input> &
  (QuotaSizes | { readonly plans: Readonly<Record<string, QuotaSizes>>; readonly plan: (identity: Identity) => string })

/** What an operation may be asked for from outside, and where a limit says so by other services. All limits must admit a request; when one refuses, none is spent. */
export interface Limits<Input = unknown> {
  readonly limit?: Limit<Input> | readonly Limit<Input>[] | undefined
  readonly quota?: Quota<Input> | undefined
}

/** Where limits are counted, and what happens while that is away. */
export interface LimitsSetting {
  readonly store: RedisSetting
  /** `open`, unless said: each process decides by counts of its own. `closed`: what has a limit is refused. */
  readonly whenAway: 'open' | 'closed' | undefined
}
