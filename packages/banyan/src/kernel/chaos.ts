import { BanyanError } from './errors.ts'

/**
 * Faults that are injected on purpose, where no network and no failing process would give them. A rate is the share of what it hits, from 0
 * to 1; 0 unless said.
 */
export interface Chaos {
  /** Decides what is hit. The same seed and the same calls give the same faults. */
  readonly seed: number
  /** Calls that are held up, by up to so many milliseconds; calls under way at the same time so overtake each other. */
  readonly latency?: { readonly rate: number; readonly ms: number }
  /** Calls that are answered `unavailable` and were not executed. The caller is told at once. */
  readonly errors?: number
  /** Calls whose request or answer is lost. Nobody knows which, so they are repeated under the same key, as over the network. */
  readonly drops?: number
  /** Commands that are delivered twice under the same key, one after the other or at once; pages of a feed that give earlier events again. */
  readonly duplicates?: number
  /** Pages of a feed in which the events of its partitions are mixed anew. Within a partition they keep their order. */
  readonly shuffles?: number
  /** Calls at which the process kills itself with SIGKILL, before it executes them or before it answers. */
  readonly crashes?: number
  /** Whether a repeat of a lost call may be lost too; true unless said. Where false, no call fails because of `drops`. */
  readonly repeats?: boolean
  /** Which start of the process this is; another one is hit at other calls, so that nobody dies at the same call for ever. 1 unless said. */
  readonly life?: number
}

/** The rates that are a number. */
export const rates: readonly ('errors' | 'drops' | 'duplicates' | 'shuffles' | 'crashes')[] = ['errors', 'drops', 'duplicates', 'shuffles', 'crashes']

/** The chaos itself. Throws `invalid_configuration` where a number in it is none, or not from where it has to be. */
export function checkChaos(chaos: Chaos): Chaos {
  const { seed, life = 1, latency } = chaos
  const whole = (name: string, value: number) => {
    if (!Number.isSafeInteger(value) || value < 0) throw wrong(name, value, 'a whole number from 0')
  }
  const share = (name: string, value: number) => {
    if (!(value >= 0 && value <= 1)) throw wrong(name, value, 'a share from 0 to 1')
  }
  whole('seed', seed)
  whole('life', life)
  for (const name of rates) share(name, chaos[name] ?? 0)
  if (latency) share('latency', latency.rate)
  if (latency && !(latency.ms >= 0 && latency.ms <= 60_000)) throw wrong('latency', `${latency.ms} ms`, 'at most a minute')
  return chaos
}

function wrong(name: string, value: unknown, right: string): BanyanError {
  return new BanyanError('invalid_configuration', `chaos: '${name}' is ${String(value)}, and has to be ${right}`)
}
