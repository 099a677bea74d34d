import { writeSync } from 'node:fs'
import { systemClock } from '../../kernel/clock.ts'
import { BanyanError } from '../../kernel/errors.ts'
import type { Call, Fate, Fates } from '../../kernel/fates.ts'
import type { Envelope } from '../envelope.ts'
import type { RemoteUnit } from '../http/client.ts'
import { markAnswered } from '../resilience/lost.ts'
import { once, twice } from './delivery.ts'

/**
 * A unit whose calls are slow, refused, lost, delivered twice, or the end of this process, as their fates say. What is lost is for the way
 * to the unit to repeat, and each attempt has a fate of its own.
 */
export function faultyUnit(unit: RemoteUnit, fates: Fates): RemoteUnit {
  const { seed, repeats = true } = fates.chaos
  // the attempts at one call come with one envelope
  const calls = new WeakMap<Envelope, Call>()

  function callOf(name: string, envelope: Envelope): Call {
    const known = calls.get(envelope)
    if (known) return known
    const call = fates.begin(name, envelope.key)
    calls.set(envelope, call)
    return call
  }

  async function meet<T>(name: string, fate: Fate, signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    if (fate.delayMs > 0) await systemClock.wait(fate.delayMs, signal)
    if (fate.crash === 'before') die(`${name} is executed`, seed)
    if (fate.error) throw refused(name, seed)
    if (fate.lost === 'request') throw lost(name, 'request', seed)
    const value = await run()
    if (fate.crash === 'after') die(`${name}, which is executed, is answered`, seed)
    if (fate.lost === 'answer') throw lost(name, 'answer', seed)
    return value
  }

  return {
    async call(operation, input, envelope) {
      const name = `${operation.service}.${operation.name}`
      const fate = fates.next(callOf(name, envelope))
      // the answer of a secret command is not kept for a repeat, which would fail for having been spared
      const spared = fate.lost === 'answer' && operation.facts.secret && !repeats ? { ...fate, lost: 'request' as const } : fate
      const delivery = { unit, operation, input, envelope }
      const run = () => (fate.twice !== undefined && operation.kind === 'command' ? twice(delivery, fate.twice) : once(delivery))
      const { value, session } = await meet(name, spared, envelope.signal, run)
      envelope.session.add(session)
      return value
    },
    feed(service, request, signal) {
      const name = `${service}.feed`
      // a consumer reads whenever it has nothing to do, so a process would die of idleness
      return meet(name, { ...fates.next(fates.begin(name)), crash: undefined }, signal, () => unit.feed(service, request, signal))
    },
    [Symbol.asyncDispose]: () => unit[Symbol.asyncDispose](),
  }
}

/** As an answer of the other side, which nobody repeats. */
function refused(name: string, seed: number): BanyanError {
  const error = new BanyanError('unavailable', `${name} was refused on purpose, by chaos with seed ${seed}`)
  markAnswered(error)
  return error
}

/** Nobody can tell which of the two was lost, so neither does `executed`. */
function lost(name: string, what: 'request' | 'answer', seed: number): BanyanError {
  return new BanyanError('unavailable', `${name}: the ${what} was lost on purpose, by chaos with seed ${seed}`, { executed: 'maybe' })
}

function die(when: string, seed: number): void {
  writeSync(2, `the process dies on purpose, before ${when}: chaos with seed ${seed}\n`)
  process.kill(process.pid, 'SIGKILL')
}
