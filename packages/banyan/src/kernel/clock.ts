/** Where the framework takes time from; tests bring their own. */
export interface Clock {
  /** Wall time, for what is recorded. */
  now(): Date
  /** Milliseconds that never go backwards, for durations. */
  monotonic(): number
  /** Resolves after `ms`, or at once when `signal` aborts (it does not reject). Does not keep the process alive by itself when `unref`. */
  wait(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonic: () => performance.now(),
  wait: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal?.addEventListener('abort', done, { once: true })
    }),
}
