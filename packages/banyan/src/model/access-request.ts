import type { AccessRequest, Asked, Identity, Stage } from './access.ts'

/** A request on its way through the stages; the same object, so that a rule costs one allocation at most. */
export class Asking implements AccessRequest<never, never> {
  readonly identity: Identity
  readonly caller: string | undefined
  stage: Stage = 'asked'
  input: never = undefined as never
  output: never = undefined as never

  constructor({ identity, caller }: Pick<Asked, 'identity' | 'caller'>) {
    this.identity = identity
    this.caller = caller
  }

  get now(): Date {
    return new Date()
  }

  read(input: unknown): this {
    this.stage = 'read'
    this.input = input as never
    return this
  }

  answered(output: unknown): this {
    this.stage = 'answered'
    this.output = output as never
    return this
  }
}
