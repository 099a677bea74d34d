import { BanyanError, messageOf, type Issue } from '../kernel/errors.ts'
import { copies, parseWith } from '../kernel/schema.ts'
import type { Access } from '../model/access.ts'
import { OPERATOR, services as peers } from '../model/access.ts'
import { Asking } from '../model/access-request.ts'
import { isDeclared } from '../model/declared-error.ts'
import type { AnyOperation } from '../model/operation.ts'
import type { Schema } from '../model/schema.ts'
import type { Policy } from '../model/service.ts'
import type { Envelope } from '../network/envelope.ts'
import type { Cached } from './cached-query.ts'
import { WatchedCall } from './deadline-watch.ts'
import { asForeign, isForeign } from './foreign.ts'
import { gateOf, refusedBy, type Passage, type Refused } from './gate.ts'
import { redaction } from './redaction.ts'
import type { ServiceGate } from './service-gate.ts'
import { withheld } from './withheld.ts'

/** What runs an operation once its input is checked; what it answers may be a promise. */
export type Run = (input: unknown, envelope: Envelope) => unknown

/** An operation of a service in this process: access, input, handler, output, in this order, and no later than the deadline. */
export interface LocalOperation {
  /** A promise, or what is answered at once. Throws nothing: what fails is a promise that rejects. */
  invoke(input: unknown, envelope: Envelope): unknown
}

/** Somebody who may be answered, and what the answer is or will be. */
interface Asked {
  readonly passage: Passage | undefined
  readonly read: unknown
  readonly output: unknown
}

/** Told what an operation does not tell its caller. */
export interface Hooks {
  fault(error: unknown, envelope: Envelope): void
  refused(why: Refused, envelope: Envelope): void
}

const noRule: Access = { text: 'nobody (no access rule)', decide: () => false }

/** The rule of an operation for which none is said: services of the app where it has no route, nobody where it has one. */
export function accessOf(operation: AnyOperation, said: Access<never, never> | undefined): Access<never, never> {
  return said ?? (operation.facts.http === undefined ? peers() : noRule)
}

export interface OperationParts {
  readonly operation: AnyOperation
  readonly policy: Policy
  readonly handle: Run
  /** Answers instead of the handler where it can. */
  readonly cached?: Cached | undefined
  /** What services pass that call it, where there are limits for them. */
  readonly limits?: ServiceGate | undefined
  readonly hooks: Hooks
}

/** Errors that may leave an operation are made exact here, so that callers in process and remote callers see the same. */
export function localOperation({ operation, policy: { access, redact }, handle, cached, limits, hooks: { fault, refused } }: OperationParts): LocalOperation {
  const name = `${operation.service}.${operation.name}`
  const readInput = reader(operation.facts.input, name)
  const readOutput = outputReader(operation.facts.output, name)
  const gate = gateOf(operation, accessOf(operation, access))
  const conceal = redact && operation.facts.output && redaction(redact, operation.facts.output)
  const handled = async (input: unknown, envelope: Envelope): Promise<unknown> => readOutput(await handle(input, envelope))

  const answered: Run = cached ? (read, envelope) => cached(read, envelope, (asker) => handled(read, asker)) : handled

  /** The answer as its reader may see it; what is cached is everybody's, and stays whole. */
  function seen(whole: unknown, read: unknown, envelope: Envelope): unknown {
    if (!conceal || envelope.caller !== undefined) return whole
    const output = cached ? structuredClone(whole) : whole
    conceal(output, new Asking(envelope).read(read).answered(output))
    if (cached) envelope.facts = undefined // it is of the whole answer
    return output
  }
  function ask(input: unknown, envelope: Envelope): Asked {
    const passage = gate.open || envelope.caller === OPERATOR ? undefined : gate.ask(envelope)
    const read = readInput(input)
    passage?.read(read)
    envelope.deadline.check(name)
    const limited = limits && isCall(envelope)
    const output = limited ? limits.through(read, envelope, () => answered(read, envelope)) : answered(read, envelope)
    return { passage, read, output }
  }
  function told({ passage, read }: Asked, output: unknown, envelope: Envelope): unknown {
    passage?.answered(output)
    return seen(output, read, envelope)
  }
  function toldOf(error: unknown, envelope: Envelope): unknown {
    const why = refusedBy(error)
    if (why) refused(why, envelope)
    const known = exact(operation, name, error, (cause) => fault(cause, envelope))
    return envelope.caller === undefined ? known : asForeign(known)
  }
  /** Ends a call with its answer, however late. */
  async function end(call: WatchedCall, asked: Asked, envelope: Envelope): Promise<void> {
    try {
      call.resolve(told(asked, await asked.output, envelope))
    } catch (error) {
      call.reject(toldOf(error, envelope))
    }
  }
  return {
    invoke(input, envelope) {
      try {
        const asked = ask(input, envelope)
        // what is cached is there already
        if (!(asked.output instanceof Promise)) return told(asked, asked.output, envelope)
        const call = new WatchedCall(envelope.deadline, name)
        void end(call, asked, envelope)
        return call.answer
      } catch (error) {
        return Promise.reject(toldOf(error, envelope))
      }
    },
  }
}

/** Whether a service of the app asks; the operator is none. */
function isCall({ caller }: Envelope): boolean {
  return caller !== undefined && caller !== OPERATOR
}

/** Checks and copies: what a handler gets is its own, in process as over the network. */
function reader(schema: Schema | undefined, name: string): (input: unknown) => unknown {
  if (!schema) {
    return (input) => {
      const empty = input === undefined || input === null || (typeof input === 'object' && Object.keys(input).length === 0)
      if (!empty) throw refuse('invalid_input', `${name} takes no input`, [{ path: '', message: 'expected nothing' }])
      return undefined
    }
  }
  const fresh = copies(schema)
  return (input) => {
    const result = parseWith(schema, input)
    if (!result.ok) throw refuse('invalid_input', `${name} cannot take this input`, result.issues)
    return fresh ? result.value : structuredClone(result.value)
  }
}

/** Strips outputs to their schema, so that nothing leaves that the contract does not name. */
function outputReader(schema: Schema | undefined, name: string): (output: unknown) => unknown {
  if (!schema) return () => undefined
  const fresh = copies(schema)
  return (output) => {
    const result = parseWith(schema, output)
    if (!result.ok) throw refuse('invalid_output', `${name} returned what its contract does not allow`, result.issues)
    return fresh ? result.value : structuredClone(result.value)
  }
}

function refuse(code: 'invalid_input' | 'invalid_output', what: string, issues: readonly Issue[]): BanyanError {
  const list = issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ')
  return new BanyanError(code, `${what}: ${list}`, { details: { issues } })
}

/** The error a caller is to see: a declared one, a fault of the infrastructure, or `internal` for everything that is this service's mistake. */
function exact(operation: AnyOperation, name: string, error: unknown, onFault: (error: unknown) => void): unknown {
  if (isDeclared(error) && error.service === operation.service && error.code in operation.facts.errors) return error
  if (BanyanError.is(error) && (error.retryable || !isForeign(error)) && error.code !== 'internal' && error.status !== 500) return error
  const fault = operation.facts.secret ? withheld(name, error) : error
  onFault(fault)
  if (BanyanError.is(fault) && !isForeign(fault)) return fault
  const undeclared = isDeclared(error)
    ? `threw '${error.code}' of ${error.service}.${error.operation}, which its contract does not declare`
    : `failed: ${messageOf(error)}`
  return new BanyanError('internal', `${name} ${undeclared}`, { cause: error, executed: BanyanError.is(error) ? error.executed : 'no' })
}
