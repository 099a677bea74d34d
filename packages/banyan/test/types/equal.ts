/** Whether two types are the same one, not just assignable to each other. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Compiles for `true` only: `type _ = Expect<Equal<A, B>>`. */
export type Expect<T extends true> = T

/** Compiles when the value has exactly the type named: `is<string>()(value)`. */
export declare function is<A>(): <B>(value: B, ...wrong: Equal<A, B> extends true ? [] : [expected: A, actual: B]) => void
