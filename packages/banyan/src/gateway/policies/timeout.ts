import { beforeDeadline, Deadline } from '../../kernel/deadline.ts'
import { milliseconds, type Duration } from '../../kernel/duration.ts'
import { BanyanError } from '../../kernel/errors.ts'
import type { EdgeAnswer } from '../exchange.ts'
import { DURATION } from '../file/schema-texts.ts'
import type { PolicyKind } from '../policy-kind.ts'

/** Bounds how long an answer may take to begin, with all that is tried for it. */
export const timeoutPolicy: PolicyKind<Duration> = {
  name: 'timeout',
  schema: {
    ...DURATION,
    description:
      'How long it may take from here to the first byte of the answer, with all attempts; then the client is told 504. What an upstream may take for one attempt is bounded there as well.',
  },
  describe: (duration) => ({ answers: { 504: `There was no answer in ${duration}` } }),
  open(duration) {
    const ms = milliseconds(duration)
    if (ms === 0) throw new BanyanError('invalid_configuration', `'${duration}' is no time at all; say how long an answer may take, such as '5s'`)
    return async (request, next) => {
      const asked = next(request)
      try {
        return await beforeDeadline(asked, Deadline.in(ms), `route '${request.route.name}', which has ${duration}`)
      } catch (error) {
        // its failure is nobody's concern any more, or is `error` itself
        asked.then(drop, () => undefined)
        throw error
      }
    }
  },
}

/** An answer that comes too late is not read. */
function drop({ body }: EdgeAnswer): void {
  if (body !== undefined && !Buffer.isBuffer(body)) body.destroy()
}
