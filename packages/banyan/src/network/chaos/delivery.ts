import { isDeepStrictEqual } from 'node:util'
import { BanyanError, messageOf } from '../../kernel/errors.ts'
import type { AnyOperation } from '../../model/operation.ts'
import { envelopeWith, type Envelope } from '../envelope.ts'
import type { RemoteUnit } from '../http/client.ts'
import { Session } from '../session.ts'

/** A call to be delivered. */
export interface Delivery {
  readonly unit: RemoteUnit
  readonly operation: AnyOperation
  readonly input: unknown
  readonly envelope: Envelope
}

export interface Delivered {
  readonly value: unknown
  /** What the answer says was written; only heard if the answer arrives. */
  readonly session: Session
}

/** Delivers a call, without telling its session. */
export async function once({ unit, operation, input, envelope }: Delivery): Promise<Delivered> {
  const session = envelope.session.empty ? new Session() : Session.read(String(envelope.session))
  return { value: await unit.call(operation, input, envelopeWith(envelope, { session })), session }
}

/**
 * Delivers a command twice under its key, as a network does that repeats what got through. Both must be answered the same: a second answer
 * that contradicts the first is thrown as `internal`, since the command is then not idempotent.
 */
export async function twice(delivery: Delivery, manner: 'in turn' | 'at once'): Promise<Delivered> {
  const first = once(delivery)
  // of a refusal nothing is recorded, so a second one could be decided otherwise: it is not delivered again
  if (manner === 'in turn') await first
  const [one, other] = await Promise.allSettled([first, once(delivery)])
  if (one.status === 'rejected') {
    if (other.status === 'fulfilled') return other.value
    throw isNotKept(one.reason) ? other.reason : one.reason
  }
  check(delivery, one.value, other)
  return one.value
}

function check({ operation, envelope }: Delivery, { value, session }: Delivered, second: PromiseSettledResult<Delivered>): void {
  // what has committed nothing is not recorded, and may be answered anew
  if (!session.wrote || isSame(value, second)) return
  const then = second.status === 'fulfilled' ? JSON.stringify(second.value.value) : messageOf(second.reason)
  throw new BanyanError(
    'internal',
    `${operation.service}.${operation.name} was delivered twice under the key ${envelope.key}; it answered ${JSON.stringify(value)}, then ${then}`,
    { executed: 'maybe' },
  )
}

function isSame(value: unknown, second: PromiseSettledResult<Delivered>): boolean {
  if (second.status === 'fulfilled') return isDeepStrictEqual(second.value.value, value)
  // what may pass says nothing
  return isNotKept(second.reason) || (BanyanError.is(second.reason) && second.reason.retryable)
}

/** How whoever comes second under the key of a secret command is answered. */
function isNotKept(error: unknown): boolean {
  return BanyanError.is(error, 'answer_not_kept')
}
