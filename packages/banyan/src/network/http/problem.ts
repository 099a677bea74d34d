import { BanyanError, codes, messageOf, type ErrorCode, type Executed, type Issue } from '../../kernel/errors.ts'
import { declaredError, isDeclared, type Declared } from '../../model/declared-error.ts'
import type { AnyOperation } from '../../model/operation.ts'

/** An error over HTTP: problem details (RFC 9457) with Banyan's members. */
export interface Problem {
  /** `urn:banyan:error:<code>`, or `urn:<service>:error:<Name>` for an error that a contract declares. */
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  /** The path asked for. */
  readonly instance?: string
  /** A code of the framework, or the name of a declared error. */
  readonly code: string
  readonly executed: Executed
  readonly retryable: boolean
  /** Where the input did not fit; paths are JSON Pointers. */
  readonly issues?: readonly Issue[]
  readonly details?: unknown
  /** Under which the log has more. */
  readonly traceId?: string
}

export interface ProblemContext {
  /** Peers are told everything but the causes of faults; outsiders nothing about the inside. */
  readonly to: 'peer' | 'outside'
  readonly operation?: AnyOperation | undefined
  /** What outsiders are told of `unavailable`, where it is no service of the app. */
  readonly unavailable?: string | undefined
  readonly instance?: string
  readonly traceId?: string
}

/** When to ask again what could not be served. */
export const RETRY_MS = 1_000
export const PROBLEM_TYPE = 'application/problem+json'
const FRAMEWORK = 'urn:banyan:error:'
const usual: Readonly<Record<string, number>> = { NotFound: 404, Conflict: 409, Forbidden: 403, Gone: 410 }

// their messages are about the request; those of other codes may name hosts, statements or tables
const tellable: ReadonlySet<ErrorCode> = new Set([
  'invalid_input',
  'malformed_request',
  'unauthenticated',
  'forbidden',
  'not_found',
  'method_not_allowed',
  'payload_too_large',
  'unsupported_media_type',
  'key_reused',
  'key_invalid',
  'key_expired',
  'answer_not_kept',
  'version_conflict',
  'transaction_conflict',
  'rate_limited',
  'overloaded',
  'deadline_exceeded',
  'cancelled',
  'draining',
  'stream_not_found',
] satisfies ErrorCode[])

/** The HTTP status of an error that an operation declares. */
export function declaredStatus(operation: AnyOperation | undefined, code: string): number {
  return operation?.facts.statuses[code] ?? usual[code] ?? 422
}

/** An error as it goes over the wire. What is neither the framework's nor declared by the operation becomes `internal`, without its message. */
export function toProblem(error: unknown, context: ProblemContext): Problem {
  const { operation, instance, traceId } = context
  const place = { ...(instance === undefined ? {} : { instance }), ...(traceId === undefined ? {} : { traceId }) }
  if (isDeclared(error) && (!operation || (error.service === operation.service && error.code in operation.facts.errors))) {
    return { ...declaredProblem(error, operation), ...place }
  }
  const known = BanyanError.is(error) ? error : new BanyanError('internal', messageOf(error), { executed: 'maybe' })
  return {
    ...frameworkProblem(context.to === 'peer' ? known : seenFromOutside(known), context.to === 'peer' && known === error, context.unavailable),
    ...place,
  }
}

/** What database a service has, and what ails it, is for those who run it. */
function seenFromOutside(error: BanyanError): BanyanError {
  return /^(database|embedded)_/.test(error.code) && error.retryable ? new BanyanError('unavailable', error.message, { executed: error.executed }) : error
}

function declaredProblem({ service, code, details, message }: Declared, operation: AnyOperation | undefined): Problem {
  const status = declaredStatus(operation, code)
  return { type: `urn:${service}:error:${code}`, title: code, status, detail: message, code, executed: 'no', retryable: false, details }
}

function frameworkProblem(error: BanyanError, trusted: boolean, unavailable: string | undefined): Problem {
  const { code, status, retryable, executed } = error
  const told = trusted || tellable.has(code)
  const { issues, ...details } = told ? error.details : {}
  return {
    type: FRAMEWORK + code,
    title: code.replaceAll('_', ' ').replace(/^./, (first) => first.toUpperCase()),
    status,
    detail: told ? error.message : ((code === 'unavailable' ? unavailable : undefined) ?? codes[code].help),
    code,
    executed,
    retryable,
    ...(Array.isArray(issues) ? { issues: issues as Issue[] } : {}),
    ...(Object.keys(details).length > 0 ? { details } : {}),
  }
}

/**
 * The error that a problem stands for, so that a caller catches the same thing wherever the callee runs. An answer that is no problem of
 * Banyan's comes from something in between, or another server: it is judged by its status. `noted`: what its headers say, for the details of an error of the framework.
 */
export function fromProblem(body: unknown, status: number, operation: AnyOperation, noted: Readonly<Record<string, unknown>> = {}): Error {
  const problem: Partial<Problem> = typeof body === 'object' && body !== null ? body : {}
  const { type, code, detail, details, issues, executed } = problem
  if (typeof code === 'string' && typeof type === 'string') {
    if (type === FRAMEWORK + code && code in codes) {
      const all = { ...(details as object | undefined), ...noted, ...(issues === undefined ? {} : { issues }) }
      return new BanyanError(code as ErrorCode, String(detail), { details: all, executed: executed === 'no' ? 'no' : 'maybe' })
    }
    if (type === `urn:${operation.service}:error:${code}` && code in operation.facts.errors)
      return declaredError(operation.service, operation.name, code, details)
  }
  const name = `${operation.service}.${operation.name}`
  return new BanyanError(
    codeOf(status),
    `${name} was answered ${status}${typeof detail === 'string' ? `: ${detail}` : ', by something that is not a Banyan service'}`,
    {
      executed: status >= 500 ? 'maybe' : 'no',
      details: { status, ...noted },
    },
  )
}

const byStatus: Readonly<Record<number, ErrorCode>> = {
  400: 'malformed_request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  429: 'overloaded',
  502: 'unavailable',
  503: 'unavailable',
  504: 'deadline_exceeded',
}

function codeOf(status: number): ErrorCode {
  return byStatus[status] ?? 'internal'
}

/** Whether an answer is a problem as a Banyan service writes it, not one by a proxy in between. */
export function isProblem(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'code' in body && 'executed' in body
}
