import type { Balance } from '../terminal/balance.ts'
import type { FrontDoor } from './front-door.ts'

type Kind = 'passes' | 'stamps'

/** Lets visitors through the turnstile, one after the other, and writes down their numbers. */
export class GateKeeper {
  readonly #door: FrontDoor
  /** What each was told, by their order; `undefined` for the one who was told nothing yet. */
  readonly #numbers: Record<Kind, (number | undefined)[]> = { passes: [], stamps: [] }

  constructor(door: FrontDoor) {
    this.#door = door
  }

  async goOn(stop: AbortSignal): Promise<void> {
    await Promise.all([this.#admit('passes', stop), this.#admit('passes', stop), this.#admit('stamps', stop)])
  }

  /** Asks again for those who were never answered. */
  async settle(): Promise<void> {
    for (const kind of ['passes', 'stamps'] as const)
      for (let index = 0; index < this.#numbers[kind].length; index++) while (this.#numbers[kind][index] === undefined) await this.#ask(kind, index)
  }

  /** Whether everybody has a number of their own and was counted once. */
  async compare(): Promise<Balance[]> {
    const { passes, stamps } = await this.#door.read<Record<Kind, number>>('/ledgers/turnstile')
    const { counted, heard, seen } = await this.#door.read<Record<'counted' | 'heard' | 'seen', number>>('/ledgers/visitors')
    const [passed, stamped] = [this.#numbers.passes.length, this.#numbers.stamps.length]
    return [
      {
        what: 'every visitor has a number of their own',
        one: `${passed} visitors, ${stamped} stamps`,
        other: `${passes} passes, ${stamps} stamps`,
        faults: [...this.#misnumbered('passes', passes), ...this.#misnumbered('stamps', stamps)],
      },
      {
        what: 'every visitor was counted once',
        one: `${passed} visitors + ${stamped} stamps`,
        other: `${counted} counted, ${heard} heard of, ${seen} seen`,
        faults: [
          ...(counted === passed + stamped ? [] : [`${counted} were counted by sends`]),
          ...(heard === passed ? [] : [`${heard} passes were heard of by a reaction`]),
          ...(seen === passed + stamped ? [] : [`${seen} were seen by a projection`]),
        ],
      },
    ]
  }

  #misnumbered(kind: Kind, last: number): string[] {
    const numbers = this.#numbers[kind]
    const distinct = new Set(numbers)
    return [
      ...(distinct.size === numbers.length ? [] : [`of ${numbers.length} ${kind} some have the same number`]),
      ...(last === numbers.length ? [] : [`${numbers.length} ${kind} were asked for and ${last} happened`]),
    ]
  }

  async #admit(kind: Kind, stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      const index = this.#numbers[kind].push(undefined) - 1
      do {
        await this.#ask(kind, index)
        await this.#door.pause()
      } while (this.#numbers[kind][index] === undefined && !stop.aborted)
    }
  }

  async #ask(kind: Kind, index: number): Promise<void> {
    const reply = await this.#door.try('POST', `/turnstile/${kind}`, { key: `${kind}/${index}` })
    if (reply && reply.status !== 200) throw new Error(`the turnstile answered ${reply.status}: ${JSON.stringify(reply.body)}`)
    if (reply) this.#numbers[kind][index] = (reply.body as { number: number }).number
  }
}
