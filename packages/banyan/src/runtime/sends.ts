import { milliseconds } from '../kernel/duration.ts'
import { BanyanError } from '../kernel/errors.ts'
import { uuidv7 } from '../kernel/id.ts'
import { storableJson } from '../kernel/json.ts'
import { parseWith } from '../kernel/schema.ts'
import { moreOf } from '../security/identity.ts'
import { operationsOf } from '../model/contract.ts'
import type { SendOptions } from '../model/call.ts'
import type { AnyOperation } from '../model/operation.ts'
import type { ServiceFacts } from '../model/service.ts'
import type { Due, Send } from '../events/unit.ts'
import type { Envelope } from '../network/envelope.ts'

export type Senders = Readonly<Record<string, Readonly<Record<string, (input?: unknown, options?: SendOptions) => void>>>>

/** What is kept of an envelope while a send waits for delivery. */
export interface SendContext {
  readonly subject: string
  readonly roles: readonly string[]
  readonly scopes?: readonly string[]
  readonly attributes?: Readonly<Record<string, unknown>>
  readonly caller: string
  readonly correlation: string
  readonly causation: string
  readonly causedBy: Envelope['causedBy']
  readonly traceparent: string
}

/** Makes `tx.send`: checks the input where the mistake was made, not where it would be delivered. */
export function sendFactory(facts: ServiceFacts, envelope: Envelope): (put: (send: Send) => void) => Senders {
  return (put) =>
    lazily(facts.uses, (contract) => {
      const commands = operationsOf(contract).filter(({ kind }) => kind === 'command')
      return Object.fromEntries(
        commands.map((operation) => {
          const send = (input?: unknown, options?: SendOptions) =>
            put({ ...sendOf(operation, input, facts.contract['~contract'], envelope), ...(options ? { due: dueOf(operation, options) } : {}) })
          return [operation.name, send]
        }),
      )
    })
}

/** An object whose members are made when first asked for. */
function lazily<From, To>(from: Readonly<Record<string, From>>, make: (value: From) => To): Readonly<Record<string, To>> {
  const made = {} as Record<string, To>
  for (const [key, value] of Object.entries(from)) {
    Object.defineProperty(made, key, { enumerable: true, configurable: true, get: () => Object.defineProperty(made, key, { value: make(value) })[key] })
  }
  return made
}

function sendOf(operation: AnyOperation, input: unknown, caller: string, envelope: Envelope): Send {
  const name = `${operation.service}.${operation.name}`
  if (operation.facts.secret)
    throw new BanyanError('invalid_transaction', `${caller} sent ${name}, which is secret, and a send is kept until it is delivered; call it instead`)
  const schema = operation.facts.input
  const parsed = schema ? parseWith(schema, input) : { ok: true as const, value: null }
  if (!parsed.ok) {
    const issues = parsed.issues.map(({ path, message }) => `${path}: ${message}`).join('; ')
    throw new BanyanError('internal', `${caller} sent ${name} an input its contract does not allow: ${issues}`, { details: { issues: parsed.issues } })
  }
  const { identity, correlation, causation, causedBy, traceparent } = envelope
  const context: SendContext = { subject: identity.subject, roles: identity.roles, ...moreOf(identity), caller, correlation, causation, causedBy, traceparent }
  return {
    id: uuidv7(),
    service: operation.service,
    operation: operation.name,
    input: storableJson(parsed.value, `the input of ${name}`),
    context: storableJson(context, 'an identity'),
  }
}

function dueOf({ service, name }: AnyOperation, options: SendOptions): Due {
  if ('after' in options) return { afterMs: milliseconds(options.after) }
  if (Number.isNaN(options.at.getTime())) throw new BanyanError('internal', `${service}.${name} was sent for a moment that is none: at is an invalid Date`)
  return { at: options.at }
}
