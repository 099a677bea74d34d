/** One way to make the call, in a process of its own. */
export interface Contender extends AsyncDisposable {
  /** Makes `count` calls, `callers` at a time, and answers how long that took, in nanoseconds. */
  measure(count: number, callers: number): Promise<number>
}

/** Times `count` calls by `callers` callers, each of which makes its next call when it has the answer to its last. */
export async function timed(count: number, callers: number, call: () => Promise<unknown>): Promise<number> {
  const each = Math.ceil(count / callers)
  const caller = async () => {
    for (let made = 0; made < each; made++) await call()
  }
  const began = process.hrtime.bigint()
  await (callers === 1 ? caller() : Promise.all(Array.from({ length: callers }, caller)))
  return Number(process.hrtime.bigint() - began)
}
