import { BanyanError } from '../kernel/errors.ts'
import type { LimitRequest } from '../model/limit.ts'
import type { Pass } from '../model/pass.ts'
import type { Awaitable } from '../model/schema.ts'
import type { Left, Taken } from './decision.ts'
import { policyField, stateField } from './fields.ts'
import type { Guard } from './guard.ts'

interface Held {
  readonly guard: Guard
  readonly taken: Taken
}

/** Several limits, all of which must admit a request. */
export class Gate {
  readonly #operation: string
  readonly #guards: readonly Guard[]

  constructor(operation: string, guards: readonly Guard[]) {
    this.#operation = operation
    this.#guards = guards
  }

  /** Asks all limits at once; when one refuses, what others have spent is given back. Throws `unavailable` where a limit cannot be asked. */
  pass(request: LimitRequest): Awaitable<Pass> {
    const found: Awaitable<Taken | undefined>[] = []
    try {
      for (const guard of this.#guards) found.push(guard.take(request))
    } catch (error) {
      return this.#failed(found, error)
    }
    return found.some((one) => one instanceof Promise) ? this.#wait(found) : this.#judge(found as (Taken | undefined)[])
  }

  async #wait(found: readonly Awaitable<Taken | undefined>[]): Promise<Pass> {
    try {
      return await this.#judge(await Promise.all(found.map(async (one) => one)))
    } catch (error) {
      return this.#failed(found, error)
    }
  }

  /** A limit that fails must not cost what the others took. */
  async #failed(found: readonly Awaitable<Taken | undefined>[], error: unknown): Promise<never> {
    const settled = await Promise.allSettled(found.map(async (one) => one))
    await Promise.all(settled.map(async (one) => (one.status === 'fulfilled' ? one.value?.giveBack?.() : undefined)))
    throw error
  }

  #judge(found: readonly (Taken | undefined)[]): Awaitable<Pass> {
    const all: Held[] = []
    for (let index = 0; index < found.length; index++) {
      const taken = found[index]
      if (taken) all.push({ guard: this.#guards[index]!, taken })
    }
    const refused = worst(all)
    return refused ? this.#refuse(all, refused) : new Admitted(all, policyField(all), stateField(all))
  }

  #refuse(all: readonly Held[], { guard, taken }: Held): Awaitable<Pass> {
    const { retryMs } = taken
    const never = retryMs === Infinity
    const advice = never ? `this costs more than the ${taken.limit} there ever are; ask for less at a time` : `ask again in ${seconds(retryMs)} s`
    const refusal = new BanyanError('rate_limited', `${this.#operation} is limited to ${guard.text} by the limit '${guard.name}'; ${advice}`, {
      details: { limit: guard.name, ...(never ? {} : { retryAfterMs: Math.ceil(retryMs) }) },
    })
    const refuse = (left: readonly Held[]): Pass => ({ refusal, policy: policyField(left), state: stateField(left) })
    const left = giveBack(all)
    return left instanceof Promise ? left.then(refuse) : refuse(left)
  }
}

class Admitted implements Pass {
  readonly refusal = undefined
  readonly policy: string
  readonly state: string
  readonly #all: readonly Held[]

  constructor(all: readonly Held[], policy: string, state: string) {
    this.policy = policy
    this.state = state
    this.#all = all
  }

  leave(): Awaitable<void> {
    if (!this.#all.some(({ guard }) => guard.held)) return
    const left = giveBack(this.#all.filter(({ guard }) => guard.held))
    if (left instanceof Promise) return left.then(() => undefined)
  }

  undo(): Awaitable<string> {
    const left = giveBack(this.#all)
    return left instanceof Promise ? left.then(stateField) : stateField(left)
  }
}

/** The refusal that lasts longest; `undefined` where none refuses. */
function worst(all: readonly Held[]): Held | undefined {
  let found: Held | undefined
  for (const one of all) if (!one.taken.admitted && (!found || one.taken.retryMs > found.taken.retryMs)) found = one
  return found
}

/** What was given back is told as it is then: nothing was spent. */
function giveBack(all: readonly Held[]): Awaitable<readonly Held[]> {
  const told = (left: readonly (Left | undefined)[]) => all.map(({ guard, taken }, index) => ({ guard, taken: { ...taken, ...left[index] } }))
  const given = all.map(({ taken }) => taken.giveBack?.())
  return given.some((one) => one instanceof Promise) ? Promise.all(given.map(async (one) => one)).then(told) : told(given as readonly (Left | undefined)[])
}

function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1_000))
}
