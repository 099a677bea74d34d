import { AssertionError } from 'node:assert'
import { isDeepStrictEqual } from 'node:util'
import { isDeclared, type Declared } from '../model/declared-error.ts'
import { messageOf } from '../kernel/errors.ts'

/** What a decider did: decided on events, or threw. */
export type Outcome = { readonly kind: 'decided'; readonly events: readonly unknown[] } | { readonly kind: 'threw'; readonly error: unknown }

/** A declared error as `thenRefused` recognises it: `orders.cancel.errors.TooLate`. */
export interface Refusal<Details> {
  (details: Details): Declared<string, Details>
  is(error: unknown): boolean
}

/** The end of a specification. Every method throws an `AssertionError` with both sides when something else happened. */
export interface Then<Event> {
  /** Exactly these events, in this order. */
  then(events: readonly Event[]): void
  /** No event: it was done already, or does not concern this state. */
  thenNothing(): void
  /** The decider threw this declared error; `details` are compared where they are given. */
  thenRefused<Details>(error: Refusal<Details>, details?: Details): void
  /** The decider threw anything else: an invariant was broken. */
  thenThrows(message: RegExp): void
}

/** `what` begins every message: `order after [Placed]: cancel({"by":"ada"})`. */
export function scenario<Event>(what: string, outcome: Outcome, checked: (events: readonly Event[]) => readonly unknown[]): Then<Event> {
  const should = (expectation: string, right: boolean, expected: unknown) => {
    if (!right) throw mismatch(`${what} should ${expectation}, but ${told(outcome)}`, seen(outcome), expected, outcome)
  }
  const decided = (expectation: string, events: readonly unknown[]) => should(expectation, isDeepStrictEqual(seen(outcome), events), events)
  return {
    then: (events) => decided(`decide ${list(events)}`, checked(events)),
    thenNothing: () => decided('decide nothing', []),
    thenRefused: (error, details) => {
      const expected = error(details as never)
      const same = outcome.kind === 'threw' && error.is(outcome.error)
      should(
        `be refused with ${expected.code}${details === undefined ? '' : ` ${text(details)}`}`,
        same && (details === undefined || sameDetails(outcome.error, details)),
        {
          refused: expected.code,
          ...(details === undefined ? {} : { details }),
        },
      )
    },
    thenThrows: (message) => {
      const right = outcome.kind === 'threw' && !isDeclared(outcome.error) && message.test(messageOf(outcome.error))
      should(`throw ${String(message)}`, right, { threw: String(message) })
    },
  }
}

function sameDetails(error: unknown, details: unknown): boolean {
  return isDeclared(error) && isDeepStrictEqual(error.details, details)
}

/** What happened, in the form that expectations have. */
function seen(outcome: Outcome): unknown {
  if (outcome.kind === 'decided') return outcome.events
  return isDeclared(outcome.error) ? { refused: outcome.error.code, details: outcome.error.details } : { threw: messageOf(outcome.error) }
}

function told(outcome: Outcome): string {
  if (outcome.kind === 'decided') return `it decided ${list(outcome.events)}`
  return isDeclared(outcome.error) ? `it was refused with ${outcome.error.code} ${text(outcome.error.details)}` : `it threw: ${messageOf(outcome.error)}`
}

function list(events: readonly unknown[]): string {
  if (events.length === 0) return 'nothing'
  return `[${events.map((event) => `${(event as { type: string }).type}(${text((event as { data: unknown }).data)})`).join(', ')}]`
}

export function text(value: unknown): string {
  const json = value === undefined ? '' : JSON.stringify(value)
  return json.length > 200 ? `${json.slice(0, 199)}…` : json
}

function mismatch(headline: string, actual: unknown, expected: unknown, outcome: Outcome): AssertionError {
  // node writes the line-by-line difference only where no message is given
  const difference = new AssertionError({ actual, expected, operator: 'deepStrictEqual' }).message.replace(/^.*\n/, '')
  const error = new AssertionError({ message: `${headline}\n${difference}`, actual, expected, operator: 'deepStrictEqual', stackStartFn: scenario })
  if (outcome.kind === 'threw') error.cause = outcome.error
  return error
}
