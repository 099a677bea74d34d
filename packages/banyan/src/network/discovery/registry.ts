/** One running process of a unit, and where it is reached. */
export interface Instance {
  /** Unique for the life of the process; a process that starts again is another instance. */
  readonly id: string
  readonly unit: string
  /** An origin: `http://10.0.0.7:3000`. */
  readonly url: string
  /** A zone, rack or host; nearer ones are preferred. */
  readonly zone?: string | undefined
  /** Share of the requests beside others; 1 unless said. */
  readonly weight?: number | undefined
  /** How busy it says it is, 0 to 1; absent where the driver cannot carry it. */
  readonly load?: number | undefined
}

/**
 * Tells which instances a unit has (service registry, client-side discovery). What it tells is a hint, some seconds old at times: an
 * instance that crashed is listed until its lease ends. While the registry itself cannot be reached, what was known last stays in use.
 * Disposing ends all watches and takes back all announcements of this process, and leaves no timer and no socket open.
 */
export interface Registry extends AsyncDisposable {
  /**
   * Milliseconds after which whoever watches has usually heard that an instance left: so long it serves on before it stops. 0 where nobody
   * hears of it.
   */
  readonly settleMs: number
  /**
   * Makes the instance known; call it once the instance answers requests. Resolves when the registry has it, which then renews it by itself.
   * Drivers whose lists are kept by somebody else (`static`, `dns`) do nothing. Throws `unavailable` or what the database says when it was
   * not told; nothing is announced then.
   */
  announce(instance: Instance): Promise<Announcement>
  /**
   * Calls `changed` with the unit's whole list as soon as it is known, then with each list that differs from the one before, never before
   * `watch` has returned and never after the watch is disposed. Lists are sorted by id; an empty one means that the registry says there is none.
   */
  watch(unit: string, changed: (instances: readonly Instance[]) => void): Disposable
}

/** Disposing leaves the registry: do it first when stopping, then finish the requests that still come. May be disposed twice. */
export interface Announcement extends AsyncDisposable {
  /** How busy the instance is, 0 to 1; travels with the next renewal, and nowhere where the driver cannot carry it. */
  report(load: number): void
}

/** For drivers to whom instances need not be told. */
export const unheard: Announcement = { report: () => {}, [Symbol.asyncDispose]: async () => {} }
