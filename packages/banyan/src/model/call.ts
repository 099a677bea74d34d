import type { BanyanError } from '../kernel/errors.ts'
import type { Duration } from '../kernel/duration.ts'
import type { AnyContract, CommandsOf, OperationsOf, QueriesOf } from './contract.ts'
import type { DeclaredOf, Kind, Operation } from './operation.ts'
import type { Awaitable, Reads, Sends } from './schema.ts'

export interface CallOptions {
  /** At most this long, and never longer than the caller itself has left. 5 s unless said. */
  deadline?: Duration
  /** Under which the command runs at most once; made and derived by the framework unless said. */
  idempotencyKey?: string
}
/** Of calls to queries. A command has no fallback: it may have been executed, and a value in place of its answer would hide that. */
export interface QueryCallOptions<Output> extends CallOptions {
  /**
   * The answer when the call fails for a reason of the way: `unavailable`, `deadline_exceeded`, `overloaded` or `draining`. A value, or a
   * function of the error, which may look into a cache or call another service, and whose own failure is then the call's. Never used for a declared
   * error or a refusal. The same wherever the service runs; each use is logged at debug. It is given as it is, unchecked.
   */
  fallback?: Output | ((error: BanyanError) => Awaitable<Output>)
}
/** How a call failed: by a declared error, or by a `BanyanError` that says whether it was executed. */
export type Failure<Errors> = DeclaredOf<Errors> | BanyanError
/** A call's end as a value, told apart by `ok`, then by `error.code`. */
export type Result<Value, Errors> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly error: Failure<Errors> }

type Args<Input, Options> = [Input] extends [void] ? [input?: undefined, options?: Options] : [input: Input, options?: Options]
/** A call to an operation of another service: has a deadline, passes by value, may fail as unavailable, wherever that service runs. */
export interface Call<Input, Output, Errors, Options = CallOptions> {
  (...args: Args<Sends<Input>, Options>): Promise<Reads<Output>>
  /** The same call with the failure as a value. */
  result(...args: Args<Sends<Input>, Options>): Promise<Result<Reads<Output>, Errors>>
}
type CallOf<O> = O extends Operation<string, string, infer K, infer I, infer R, infer E> ? Call<I, R, E, OptionsOf<K, Reads<R>>> : never
type OptionsOf<K extends Kind, Output> = K extends 'query' ? QueryCallOptions<Output> : CallOptions
/** Mapped over a key parameter, not an `as` clause, which keeps go-to-definition and doc comments. */
export type Client<Operations extends keyof C, C> = { readonly [K in Operations]: CallOf<C[K]> }

export type Uses = Readonly<Record<string, AnyContract>>
export type Calls<Services extends keyof U, U> = { readonly [S in Services]: Client<OperationsOf<U[S]>, U[S]> }
/** What a reaction may call: queries, because what it causes elsewhere must go by `send`. */
export type Queries<Services extends keyof U, U> = { readonly [S in Services]: Client<QueriesOf<U[S]>, U[S]> }

/**
 * When a send is delivered, where that is not at once. It is kept with everything else that commits, so it survives restarts. At the
 * earliest then, by the database's clock, and as soon after as somebody is there to deliver it: a promise, not a precise clock.
 */
export type SendOptions = { /** So long after the commit. */ readonly after: Duration } | { readonly at: Date }
type SendArgs<Input> = [Input] extends [void] ? [input?: undefined, options?: SendOptions] : [input: Input, options?: SendOptions]
type SendOf<O> = O extends Operation<string, string, 'command', infer I, unknown, {}> ? (...args: SendArgs<Sends<I>>) => void : never
type Sender<Commands extends keyof C, C> = { readonly [K in Commands]: SendOf<C[K]> }
/** Commands to other services that commit with the transaction and are delivered until executed. */
export type SendCommands<Services extends keyof U, U> = { readonly [S in Services]: Sender<CommandsOf<U[S]>, U[S]> }
