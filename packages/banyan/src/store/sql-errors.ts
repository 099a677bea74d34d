import { BanyanError, messageOf, type ErrorCode, type Executed } from '../kernel/errors.ts'

/** SQLSTATE, or Node's code of a failed system call; `undefined` for anything else. */
export function sqlState(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || BanyanError.is(error)) return undefined
  const code = (error as { code?: unknown }).code
  return typeof code === 'string' ? code : undefined
}

const systemCalls = ['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENOTFOUND', 'EAI_AGAIN']
// shut down, crashed, not yet accepting
const serverGone = ['57P01', '57P02', '57P03']
const unreachable = new Set([...systemCalls, ...serverGone])

// node-postgres reports a lost connection as a plain Error
const lost =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout expired|The server does not support SSL connections|Cannot use a pool after calling end)/

/**
 * Whether the connection failed, rather than the statement. A statement that was under way may then have run; after a failed COMMIT
 * the outcome must be looked up on a new connection.
 */
export function isConnectionFailure(error: unknown): boolean {
  if (BanyanError.is(error)) return error.code === 'database_unreachable'
  const state = sqlState(error)
  if (state !== undefined) return unreachable.has(state) || state.startsWith('08') || ((state === 'ENOENT' || state === 'EACCES') && isConnect(error))
  return error instanceof Error && (lost.test(error.message) || (error.cause !== undefined && isConnectionFailure(error.cause)))
}

/**
 * Whether the server refused to write: it is a standby, or was made one while the connection was open. The connection works and is of no
 * use any more; nothing was executed. A reader's own transactions are read-only on any server.
 */
export function takesNoWrites(error: unknown): boolean {
  return sqlState(error) === '25006'
}

const known: Readonly<Record<string, readonly [code: ErrorCode, what: string]>> = {
  '40001': ['transaction_conflict', 'the database could not serialise the transaction'],
  '40P01': ['transaction_conflict', 'the database broke a deadlock by rolling the transaction back'],
  '53100': ['database_full', 'the database has no disk space left'],
  ENOSPC: ['database_full', 'the disk has no space left'],
  '53300': ['overloaded', 'the database has no free connection'],
  '25006': ['database_unreachable', 'the database takes no writes, since it is a standby or another server has taken over'],
  '28P01': ['database_login_failed', 'the database refused the password'],
  '28000': ['database_login_failed', 'the database refused the user'],
  '3D000': ['database_missing', 'the database does not exist'],
}

/**
 * Whether the database rolled the transaction back for no fault of its own, so that it may be run again. Also when a row was on its way
 * to the default partition of a framework's table while its month was made: PostgreSQL then finds it in the wrong place.
 */
export function isTransactionConflict(error: unknown): boolean {
  const state = sqlState(error)
  if (state === '40001' || state === '40P01') return true
  const { table } = error as { readonly table?: unknown }
  return state === '23514' && typeof table === 'string' && /^banyan_\w+_rest$/.test(table)
}

/**
 * The framework's error for what the database or the way to it did wrong; any other error (a constraint, a syntax error, a bug) comes
 * back as it is. `executed` is `'no'` where the statement cannot have had an effect.
 */
export function sqlError(error: unknown, address?: string): unknown {
  if (BanyanError.is(error)) return error
  const where = address === undefined ? '' : ` (${address})`
  const state = sqlState(error)
  const options = { cause: error, details: state === undefined ? {} : { sqlstate: state } }
  const entry = state === undefined ? undefined : known[state]
  if (entry) return new BanyanError(entry[0], `${entry[1]}${where}: ${messageOf(error)}`, { ...options, executed: 'no' })
  if (error instanceof Error && error.message === 'timeout exceeded when trying to connect') {
    return new BanyanError('overloaded', `no connection of the pool became free in time${where}`, { ...options, executed: 'no' })
  }
  if (isTransactionConflict(error))
    return new BanyanError('transaction_conflict', `a monthly partition was made meanwhile${where}: ${messageOf(error)}`, { ...options, executed: 'no' })
  if (isConnectionFailure(error))
    return new BanyanError('database_unreachable', `the database cannot be reached${where}: ${messageOf(error)}`, { ...options, executed: effect(error) })
  return error
}

function effect(error: unknown): Executed {
  return isConnect(error) || sqlState(error) === '57P03' ? 'no' : 'maybe'
}

function isConnect(error: unknown): boolean {
  const each = error instanceof AggregateError ? error.errors : [error]
  return each.every((one: unknown) => ['connect', 'getaddrinfo'].includes((one as { syscall?: string } | undefined)?.syscall ?? ''))
}
