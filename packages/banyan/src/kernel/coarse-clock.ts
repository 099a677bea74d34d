import type { Clock } from './clock.ts'

/** Milliseconds for which a reading is used again. */
const RESOLUTION_MS = 1

let reading: number | undefined

function forget(): void {
  reading = undefined
}

/**
 * The monotonic clock as it was read at most a millisecond ago, or in this turn of the event loop where that lasts longer. For what is asked
 * many times in a turn and has time enough: to read the clock takes longer than to read a cache.
 */
export const coarseClock: Pick<Clock, 'monotonic'> = {
  monotonic() {
    if (reading === undefined) {
      reading = performance.now()
      setTimeout(forget, RESOLUTION_MS).unref()
    }
    return reading
  },
}
