import { BanyanError, type Executed } from './errors.ts'

/**
 * The moment by which an answer must be there. It shrinks along a chain of calls: a callee never has more time than its caller has left.
 * Kept on the monotonic clock; what travels between processes is the time left (gRPC over HTTP/2, "Requests").
 */
export class Deadline {
  readonly at: number

  private constructor(at: number) {
    this.at = at
  }

  /** `ms` from now, but not after `parent`. */
  static in(ms: number, parent?: Deadline): Deadline {
    const at = performance.now() + ms
    return new Deadline(parent && parent.at < at ? parent.at : at)
  }

  /** Milliseconds left; never negative. */
  left(): number {
    return Math.max(0, this.at - performance.now())
  }

  get expired(): boolean {
    return performance.now() >= this.at
  }

  /** Throws `deadline_exceeded` when the time is up; what it guards has not begun. */
  check(what: string): void {
    if (this.expired) throw new BanyanError('deadline_exceeded', `${what}: no time was left to begin`, { executed: 'no' })
  }
}

/** `promise`, or `deadline_exceeded` when the time runs out first. The work itself goes on; abort it through its signal. */
export async function beforeDeadline<T>(promise: Promise<T>, deadline: Deadline, what: string, executed: Executed = 'maybe'): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new BanyanError('deadline_exceeded', `${what}: no answer in the time allowed`, { executed })), deadline.left())
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
