import type { BanyanError } from '../../kernel/errors.ts'
import type { Identity } from '../../model/access.ts'
import type { Log } from '../../model/context.ts'
import type { Pass } from '../../model/pass.ts'
import type { Awaitable } from '../../model/schema.ts'
import type { Exchange } from './exchange.ts'

/** Who asks for an operation, and for what as far as that is known. */
export interface Visitor {
  readonly identity: Identity
  readonly address: string
  readonly input: unknown
}

/** What stands in front of an operation for requests from outside. Throws what keeps it from deciding. */
export interface Gate {
  pass(visitor: Visitor): Awaitable<Pass>
}

export interface Gates {
  /** Passed before anything of a body is read. */
  readonly first?: Gate | undefined
  /** Passed with the input as it was sent. */
  readonly withInput?: Gate | undefined
}

class Guest implements Visitor {
  readonly identity: Identity
  input: unknown
  readonly #ask: () => string
  #address: string | undefined

  constructor(identity: Identity, address: () => string) {
    this.identity = identity
    this.#ask = address
  }

  get address(): string {
    this.#address ??= this.#ask()
    return this.#address
  }
}

/** One request on its way through gates. What they tell goes into the answer, whatever that is. */
export class Passage {
  readonly #exchange: Exchange
  readonly #visitor: Guest
  readonly #log: Log
  readonly #passes: Pass[] = []
  /** What the answer says whatever gates tell. */
  readonly #fields: Exchange['fields']

  /** `address` is asked where a gate wants to know it. */
  constructor(exchange: Exchange, identity: Identity, { address, log }: { address(): string; log: Log }) {
    this.#exchange = exchange
    this.#fields = exchange.fields
    this.#visitor = new Guest(identity, address)
    this.#log = log
  }

  /**
   * Throws the gate's refusal; then what gates before it have cost is given back. Most gates decide at once, and nobody need wait for what is
   * decided: then it is `undefined`.
   */
  through(gate: Gate | undefined, input?: unknown): Promise<void> | undefined {
    if (!gate) return undefined
    this.#visitor.input = input
    try {
      const passed = gate.pass(this.#visitor)
      const judged = passed instanceof Promise ? passed.then((pass) => this.#judge(pass)) : this.#judge(passed)
      return judged?.catch((error: unknown) => this.#giveUp(error))
    } catch (error) {
      this.#giveUp(error)
    }
  }

  #judge(pass: Pass): Promise<void> | undefined {
    if (pass.refusal) return this.#refuse(pass, pass.refusal)
    this.#passes.push(pass)
    this.#tell(this.#passes)
    return undefined
  }

  /** What gates before it have cost is given back, and told as it is then. */
  #refuse(pass: Pass, refusal: BanyanError): Promise<never> {
    const before = this.#passes.splice(0)
    const refuse = (states: readonly (string | undefined)[]): never => {
      this.#tell([...before.map(({ policy, state }, index) => ({ policy, state: states[index] ?? state })), pass])
      throw refusal
    }
    const undone = before.map((one) => one.undo?.())
    if (!undone.some((one) => one instanceof Promise)) return refuse(undone as readonly (string | undefined)[])
    return Promise.all(undone.map((one) => Promise.resolve(one).catch((error: unknown) => this.#lost(error)))).then(refuse)
  }

  #tell(passes: readonly Told[]): void {
    const told = fieldsOf(passes)
    this.#exchange.fields = this.#fields && told ? { ...this.#fields, ...told } : (told ?? this.#fields)
  }

  #giveUp(error: unknown): never {
    for (const before of this.#passes.splice(0)) this.#later(before.undo?.())
    throw error
  }

  /** What is answered behind the gates; what they hold is given back after it. */
  leaveAfter<T>(answer: () => Awaitable<T>): Awaitable<T> {
    let answered: Awaitable<T> | undefined
    try {
      answered = answer()
    } finally {
      if (!(answered instanceof Promise)) this.leave()
    }
    return answered instanceof Promise ? answered.finally(() => this.leave()) : answered
  }

  leave(): void {
    for (const pass of this.#passes.splice(0)) this.#later(pass.leave?.())
  }

  /** Nobody waits for it: the answer is more urgent. */
  #later(given: Awaitable<unknown>): void {
    if (given instanceof Promise) given.catch((error: unknown) => this.#lost(error))
  }

  #lost(error: unknown): undefined {
    this.#log.warn('what a limit holds could not be given back', { error })
  }
}

type Told = Pick<Pass, 'policy' | 'state'>

function fieldsOf(passes: readonly Told[]): Exchange['fields'] {
  let [policies, states] = ['', '']
  for (const { policy, state } of passes) {
    if (policy === '') continue
    const between = policies === '' ? '' : ', '
    policies += between + policy
    states += between + state
  }
  return policies === '' ? undefined : { 'ratelimit-policy': policies, ratelimit: states }
}
