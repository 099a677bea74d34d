import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec'

/** Any Standard Schema (zod ≥ 4.2, arktype ≥ 2.1.28, …) that can also say itself as JSON Schema. */
export interface Schema<Sent = unknown, Read = Sent> {
  readonly '~standard': StandardSchemaV1.Props<Sent, Read> & StandardJSONSchemaV1.Props<Sent, Read>
}
export type Schemas = Readonly<Record<string, Schema>>

/** What a sender writes: the schema's input. */
export type Sent<S extends Schema> = StandardSchemaV1.InferInput<S>
/** What a receiver reads: the schema's output. */
export type Read<S extends Schema> = StandardSchemaV1.InferOutput<S>

/** A value whose written form differs from its read form, because of a default. */
export interface Coded<Sends, Reads> {
  readonly '~coded': [Sends, Reads]
}
/** A schema's type; one plain type where both forms agree, so that hovers, errors and .d.ts files stay short. */
export type Wire<S extends Schema> = [Sent<S>] extends [Read<S>] ? ([Read<S>] extends [Sent<S>] ? Read<S> : Coded<Sent<S>, Read<S>>) : Coded<Sent<S>, Read<S>>
/** The written form. */
export type Sends<W> = [W] extends [never] ? W : [W] extends [Coded<infer T, unknown>] ? T : W
/** The read form. */
export type Reads<W> = [W] extends [never] ? W : [W] extends [Coded<unknown, infer T>] ? T : W

export type Awaitable<T> = T | Promise<T>
