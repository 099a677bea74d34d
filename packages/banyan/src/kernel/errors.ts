/** What the caller may conclude about a failed operation's effects: `'no'`, it did not happen; `'maybe'`, nobody can tell. */
export type Executed = 'no' | 'maybe'

export interface Code {
  /** HTTP status that the surface answers with. */
  readonly status: number
  /** Whether the same request may succeed later, unchanged. */
  readonly retryable: boolean
  /** One sentence: when it happens and what to do. The reference page is held to this text by a test. */
  readonly help: string
}

export type ErrorCode =
  | 'invalid_input'
  | 'malformed_request'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'payload_too_large'
  | 'unsupported_media_type'
  | 'key_reused'
  | 'key_invalid'
  | 'key_expired'
  | 'answer_not_kept'
  | 'version_conflict'
  | 'transaction_conflict'
  | 'outcome_unknown'
  | 'rate_limited'
  | 'overloaded'
  | 'unavailable'
  | 'deadline_exceeded'
  | 'cancelled'
  | 'draining'
  | 'internal'
  | 'invalid_output'
  | 'invalid_event'
  | 'invalid_transaction'
  | 'read_only'
  | 'log_rewound'
  | 'stream_not_found'
  | 'newer_event'
  | 'field_unreadable'
  | 'lease_lost'
  | 'invalid_app'
  | 'invalid_topology'
  | 'invalid_configuration'
  | 'port_in_use'
  | 'database_unreachable'
  | 'database_login_failed'
  | 'database_missing'
  | 'database_version'
  | 'database_unsafe'
  | 'database_full'
  | 'database_tenants'
  | 'database_budget'
  | 'database_roles'
  | 'migration_pending'
  | 'migration_changed'
  | 'migration_failed'
  | 'embedded_missing'
  | 'embedded_version'
  | 'embedded_failed'
  | 'project_not_written'
  | 'usage'

/** Every error code of the framework; `docs/reference/errors.md` lists the same codes. */
export const codes: Readonly<Record<ErrorCode, Code>> = {
  // a caller's mistakes
  invalid_input: { status: 400, retryable: false, help: 'The input does not match the contract; `details.issues` lists every mismatch with its path.' },
  malformed_request: {
    status: 400,
    retryable: false,
    help: 'The HTTP request could not be read (bad JSON, bad URL, bad header); correct it as the message says.',
  },
  unauthenticated: {
    status: 401,
    retryable: false,
    help: 'The operation needs a caller and the request carries no valid token; send `Authorization: Bearer …`.',
  },
  forbidden: { status: 403, retryable: false, help: 'The caller may not do this; access is denied unless a policy of the service allows it.' },
  not_found: { status: 404, retryable: false, help: 'No route or operation has this address; `banyan routes` lists those that exist.' },
  method_not_allowed: { status: 405, retryable: false, help: 'The path exists under another method; the `Allow` header names which.' },
  payload_too_large: { status: 413, retryable: false, help: 'The body is larger than the surface accepts; send less or raise `http.bodyLimit`.' },
  unsupported_media_type: { status: 415, retryable: false, help: 'Bodies are JSON; send `Content-Type: application/json`.' },
  key_reused: { status: 422, retryable: false, help: 'The idempotency key was already used with another input; use a new key for a new command.' },
  key_invalid: { status: 400, retryable: false, help: 'The idempotency key cannot be used; send 1 to 255 visible ASCII characters, best a UUIDv7.' },
  key_expired: {
    status: 409,
    retryable: false,
    help: 'The idempotency key is older than the retention of keys, so a repeat cannot be told from a first attempt; use a new key.',
  },
  answer_not_kept: {
    status: 409,
    retryable: false,
    help: 'The command was executed under this idempotency key; its answer is secret and was not kept. Send a new command under a new key.',
  },
  // the state of the world
  version_conflict: { status: 409, retryable: true, help: 'Another writer changed the stream first, more often than the transaction was retried; try again.' },
  transaction_conflict: {
    status: 409,
    retryable: true,
    help: 'The database rolled the transaction back (serialisation failure or deadlock) more often than it was retried; try again.',
  },
  outcome_unknown: {
    status: 503,
    retryable: true,
    help: 'The connection broke during COMMIT and the outcome could not be looked up; repeat with the same idempotency key.',
  },
  rate_limited: {
    status: 429,
    retryable: true,
    help: 'The caller has asked more often than a limit of the operation allows, and nothing was done; ask again after the seconds that `Retry-After` says.',
  },
  overloaded: { status: 503, retryable: true, help: 'A queue is full; wait as `Retry-After` says and try again.' },
  unavailable: {
    status: 503,
    retryable: true,
    help: 'The service or its database cannot be reached at the moment; try again, a command under the same idempotency key.',
  },
  deadline_exceeded: {
    status: 504,
    retryable: true,
    help: 'The time allowed for the call ran out; allow more time or try again with the same idempotency key.',
  },
  cancelled: { status: 499, retryable: false, help: 'The caller gave up before the answer.' },
  draining: { status: 503, retryable: true, help: 'This process is shutting down and takes no new work; another replica will.' },
  // the service's own mistakes
  internal: { status: 500, retryable: false, help: 'A handler failed in a way its contract does not declare; the log has the cause under the same trace id.' },
  invalid_output: { status: 500, retryable: false, help: 'A handler returned something its contract does not allow; `details.issues` lists every mismatch.' },
  invalid_event: {
    status: 500,
    retryable: false,
    help: 'An event does not match its schema or cannot be stored as JSON; `details.issues` lists every mismatch.',
  },
  invalid_transaction: {
    status: 500,
    retryable: false,
    help: 'A transaction was used against its rules (used after its end, twice in one handler, result not returned); the message says which.',
  },
  read_only: { status: 500, retryable: false, help: 'A statement that writes was sent through `db`, which only reads; write inside `transact`.' },
  // the log
  log_rewound: {
    status: 500,
    retryable: false,
    help: 'A feed is behind the position already consumed from it: its database was restored or replaced. Decide between rewinding the consumer and skipping, as the message says.',
  },
  stream_not_found: { status: 404, retryable: false, help: 'The stream has no events at that version or time.' },
  newer_event: {
    status: 500,
    retryable: false,
    help: 'An event has a newer schema version than this consumer knows; its key is parked and resumes by itself once a consumer that knows it is deployed.',
  },
  field_unreadable: {
    status: 500,
    retryable: false,
    help: 'An encrypted field cannot be read: its key is unknown, or it belongs to another place or was changed; the message says which.',
  },
  lease_lost: {
    status: 503,
    retryable: true,
    help: 'Another process took over this partition of the subscription; the work was rolled back here and is done there.',
  },
  // start-up
  invalid_app: { status: 500, retryable: false, help: 'The app has mistakes; the message lists all of them, each with both sides.' },
  invalid_topology: {
    status: 500,
    retryable: false,
    help: 'The topology or unit asked for does not exist or does not fit the app; the message lists those that do.',
  },
  invalid_configuration: {
    status: 500,
    retryable: false,
    help: 'A setting or environment variable is missing or malformed; the message names it and its value.',
  },
  port_in_use: { status: 500, retryable: false, help: 'Another process listens on the port; stop it or choose another with `--port`.' },
  database_unreachable: {
    status: 503,
    retryable: true,
    help: 'Nothing that takes writes answers at the database address; check DATABASE_URL, or unset it to use the embedded server.',
  },
  database_login_failed: {
    status: 500,
    retryable: false,
    help: 'The database refused the user or password; check DATABASE_URL and the roles that `banyan db plan` lists.',
  },
  database_missing: { status: 500, retryable: false, help: 'The server has no database of that name; create it or correct DATABASE_URL.' },
  database_version: { status: 500, retryable: false, help: 'PostgreSQL 15 to 18 is needed; upgrade the server or use the embedded one.' },
  database_unsafe: {
    status: 500,
    retryable: false,
    help: 'The server runs with fsync or full_page_writes off, so acknowledged data could be lost; turn them on, or say `unsafe: true` in the topology where losing data is fine.',
  },
  database_full: { status: 503, retryable: true, help: 'The database has no disk space left; free some. Nothing acknowledged is lost.' },
  database_tenants: {
    status: 500,
    retryable: false,
    help: 'A table with a `tenant` column is not kept apart by tenant; add what the message prints to a migration.',
  },
  database_budget: {
    status: 500,
    retryable: false,
    help: 'The connection budget of the unit is above what the server can give; lower `connections` or raise max_connections.',
  },
  database_roles: {
    status: 500,
    retryable: false,
    help: 'The user of DATABASE_URL may not create roles or schemas; have a DBA run what `banyan db plan` prints.',
  },
  migration_pending: { status: 500, retryable: false, help: 'The database lacks migrations that the code needs; run `banyan migrate`.' },
  migration_changed: { status: 500, retryable: false, help: 'A migration file differs from what was applied under its number; restore it and add a new one.' },
  migration_failed: { status: 500, retryable: false, help: 'A migration did not run and was rolled back; the message has the statement and the cause.' },
  embedded_missing: {
    status: 500,
    retryable: false,
    help: 'No embedded PostgreSQL exists for this platform or its package is not installed; set DATABASE_URL to a server.',
  },
  embedded_version: {
    status: 500,
    retryable: false,
    help: 'The data directory was made by another major version of PostgreSQL; move it away, or install the version that made it to dump it.',
  },
  embedded_failed: { status: 500, retryable: false, help: 'The embedded PostgreSQL did not start; the message has the end of its log.' },
  project_not_written: {
    status: 500,
    retryable: false,
    help: 'A new project was not written, since files are in the way or the system did not let it; the message names them.',
  },
  usage: { status: 500, retryable: false, help: 'The command line was not understood; `banyan --help` teaches it.' },
}

/** One mismatch between a value and a schema; `path` is a JSON Pointer (RFC 6901), `''` is the whole value. */
export interface Issue {
  readonly path: string
  readonly message: string
}

export interface ErrorOptions {
  readonly details?: Readonly<Record<string, unknown>>
  readonly executed?: Executed
  readonly cause?: unknown
}

/**
 * Every failure that the framework itself raises. Compare `code`, never the message.
 * `BanyanError.is` recognises errors of another copy of the package and of another realm, unlike `instanceof`.
 */
export class BanyanError extends Error {
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>>
  /** `'no'`: the operation had no effect, so it may be repeated under any key; `'maybe'`: repeat only under the same key. */
  readonly executed: Executed
  override readonly name = 'BanyanError'
  /** How copies of the package recognise each other's errors. */
  readonly '~banyan' = 'error'

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
    this.executed = options.executed ?? 'no'
  }

  get status(): number {
    return codes[this.code].status
  }

  get retryable(): boolean {
    return codes[this.code].retryable
  }

  static is(error: unknown, code?: ErrorCode): error is BanyanError {
    if (typeof error !== 'object' || error === null || (error as Partial<BanyanError>)['~banyan'] !== 'error') return false
    return code === undefined || (error as BanyanError).code === code
  }
}

/** The message of anything thrown, for texts that quote a cause. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}
