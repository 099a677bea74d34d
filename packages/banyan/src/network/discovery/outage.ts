import { messageOf } from '../../kernel/errors.ts'
import type { Log } from '../../model/context.ts'

/** Says once that something fails, and once that it works again. */
export interface Outage {
  failed(error: unknown): void
  over(): void
}

export function outage(what: string, log: Log | undefined): Outage {
  let failing = false
  return {
    failed(error) {
      if (!failing) log?.warn(`${what} cannot be asked; what was known last stays in use`, { error: messageOf(error) })
      failing = true
    },
    over() {
      if (failing) log?.info(`${what} answers again`)
      failing = false
    },
  }
}
