import { BanyanError } from '../kernel/errors.ts'

/** What belongs to one service of one app in the database. */
export interface ServiceNames {
  readonly service: string
  readonly schema: string
  /** Role that owns the schema and runs its migrations; cannot log in. */
  readonly owner: string
  /** Role that the service logs in as; reads and writes rows, changes no structure. */
  readonly role: string
}

// the limit of a PostgreSQL identifier; longer names would be cut silently and could then meet
const LONGEST = 63

/** Names of the schema and roles of a service. Throws `invalid_configuration` where PostgreSQL would cut or confuse them. */
export function serviceNames(app: string, service: string): ServiceNames {
  checkName('app', app)
  checkName('service', service)
  const schema = `${app}_${service}`
  const owner = `${schema}_owner`
  if (service.endsWith('_owner'))
    throw invalid(`the service name '${service}' ends with _owner, which is kept for the role that owns a schema; rename the service`)
  if (schema.startsWith('pg_')) throw invalid(`the schema '${schema}' would begin with pg_, which PostgreSQL keeps for itself; rename the app`)
  const excess = Buffer.byteLength(owner) - LONGEST
  if (excess > 0)
    throw invalid(`the role name '${owner}' is ${excess} bytes longer than the ${LONGEST} PostgreSQL allows; shorten the app's or the service's name`)
  return { service, schema, owner, role: schema }
}

/** An identifier as SQL text. */
export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}

/** A string as SQL text. */
export function literal(text: string): string {
  const plain = `'${text.replaceAll("'", "''")}'`
  return text.includes('\\') ? `E${plain.replaceAll('\\', '\\\\')}` : plain
}

function checkName(kind: 'app' | 'service', name: string): void {
  if (/^[a-z][a-zA-Z0-9_-]*$/.test(name)) return
  throw invalid(`the ${kind} name '${name}' cannot name a database schema; begin with a lower-case letter, then letters, digits, _ or -`)
}

function invalid(message: string): BanyanError {
  return new BanyanError('invalid_configuration', message)
}
