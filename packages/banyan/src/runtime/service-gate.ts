import { Gate } from '../limits/gate.ts'
import type { Guard } from '../limits/guard.ts'
import type { Log } from '../model/context.ts'
import type { Envelope } from '../network/envelope.ts'

type Asked = Pick<Envelope, 'identity' | 'caller'>

/** What other services pass before an operation runs for them. */
export interface ServiceGate {
  /** Runs what is limited, and then gives back what was held. Throws `rate_limited` with `details.retryAfterMs`, or `unavailable`. */
  through<T>(input: unknown, asked: Asked, run: () => T | Promise<T>): Promise<T>
}

/** `undefined` where no limit is for services too. */
export function serviceGate(operation: string, guards: readonly Guard[], log: Log): ServiceGate | undefined {
  if (guards.length === 0) return undefined
  const gate = new Gate(operation, guards)
  return {
    async through(input, { identity, caller }, run) {
      // a service has no address that could be told from others; its name can
      const pass = await gate.pass({ identity, address: `service ${caller}`, operation, input })
      if (pass.refusal) throw pass.refusal
      try {
        return await run()
      } finally {
        // nobody waits for it: the answer is more urgent
        const left = pass.leave?.()
        if (left instanceof Promise) left.catch((error: unknown) => log.warn('what a limit holds could not be given back', { error }))
      }
    },
  }
}
