/** Where a command writes. */
export interface Output {
  write(text: string): void
  /** Whether a person reads it as it is written. */
  readonly terminal: boolean
  /** Columns of the terminal; undefined where it is none. */
  readonly width: number | undefined
}

/** All that a command touches of the process it runs in. */
export interface Io {
  readonly out: Output
  readonly err: Output
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Asks the person at the terminal; answers undefined where they leave without an answer. Undefined where nobody is there to be asked. */
  readonly ask: ((question: string) => Promise<string | undefined>) | undefined
  /** Hears each line that the person at the terminal enters, until it is disposed of. Undefined where nobody is there. */
  readonly hear: ((entered: (line: string) => void) => Disposable) | undefined
  /**
   * For commands that run until they are told to stop: aborts with the first SIGINT or SIGTERM, or when nobody reads the output any more.
   * A second signal, unless it is an echo of the first, ends the process at once. Until it is asked for, signals end the process as usual.
   */
  untilStopped(): AbortSignal
  /** Tells the supervisor of this process how it fares; undefined where it has none. */
  readonly tell: ((message: Told) => void) | undefined
}

/** What a supervised process says of itself. */
export type Told = { readonly kind: 'ready'; readonly report: unknown } | Failed

/** Why it could not start; it is the supervisor that says so, since several may have failed for the same reason. */
export interface Failed {
  readonly kind: 'failed'
  readonly retryable: boolean
  /** Whether it is the app that is wrong, for whatever unit. */
  readonly app: boolean
  readonly text: string
}
