import type pg from 'pg'
import { BanyanError, messageOf } from '../kernel/errors.ts'
import { addressOf, clientConfig, type Login } from './address.ts'
import { connectClient } from './client.ts'
import type { ServiceNames } from './names.ts'
import { rolePlan, serviceLogin, type Admin } from './roles.ts'
import { sqlError, sqlState } from './sql-errors.ts'

interface State {
  readonly role: boolean
  readonly owner: boolean
  readonly schema: boolean
  readonly migrates: boolean
  readonly granted: boolean
  readonly searchPath: boolean
}

const stateQuery = /* sql */ `
  select
    coalesce(role.rolcanlogin, false) as "role",
    owner.oid is not null as "owner",
    coalesce(schema.nspowner = owner.oid, false) as "schema",
    coalesce(pg_has_role(current_user, owner.oid, 'usage'), false) as "migrates",
    coalesce(has_schema_privilege(role.oid, schema.oid, 'usage'), false)
      and (select count(*) = 3 from pg_default_acl acl where acl.defaclnamespace = schema.oid and acl.defaclrole = owner.oid) as "granted",
    coalesce('search_path=' || quote_ident(wanted.schema) = any (role.rolconfig), false) as "searchPath"
  from unnest($1::text[], $2::text[], $3::text[]) with ordinality as wanted (role, owner, schema, nth)
  left join pg_roles role on role.rolname = wanted.role
  left join pg_roles owner on owner.rolname = wanted.owner
  left join pg_namespace schema on schema.nspname = wanted.schema
  order by nth`

/**
 * Makes sure that schemas and roles of the services are there; one question to the server where they are. Any number of processes may
 * do it at once. Throws `database_roles` where something is missing that this user may not create.
 */
export async function provision(pool: pg.Pool, login: Login, admin: Admin, services: readonly ServiceNames[]): Promise<void> {
  const first = services[0]
  if (first === undefined) return
  const missing = await missingParts(pool, services, admin)
  if (missing.length === 0 && (admin.password === undefined || (await canLogIn(serviceLogin(login, first.role))))) return
  try {
    // one message is one transaction; the lock ends with it
    await pool.query(`select pg_advisory_xact_lock(hashtextextended('banyan provision', 0));\n${rolePlan(services, admin)}`)
  } catch (error) {
    if (sqlState(error) !== '42501') throw sqlError(error, addressOf(login))
    throw lacking(
      login,
      missing.length > 0 ? missing : [`the password of role ${first.role}`],
      `the user '${admin.user}' may not create that (${messageOf(error)})`,
      error,
    )
  }
  const left = await missingParts(pool, services, admin)
  if (left.length > 0) throw lacking(login, left, 'what exists under these names is not what Banyan made')
}

function lacking(login: Login, missing: readonly string[], why: string, cause?: unknown): BanyanError {
  const message = `${addressOf(login)} lacks ${missing.join(', ')}, and ${why}; have a DBA run what \`banyan db plan\` prints`
  return new BanyanError('database_roles', message, { cause, details: { missing } })
}

async function missingParts(pool: pg.Pool, services: readonly ServiceNames[], admin: Admin): Promise<string[]> {
  const { rows } = await pool.query<State>(stateQuery, [services.map((s) => s.role), services.map((s) => s.owner), services.map((s) => s.schema)])
  return services.flatMap((names, index) => {
    const state = rows[index]!
    return [
      ...(state.role ? [] : [`role ${names.role} with login`]),
      ...(state.owner ? [] : [`role ${names.owner}`]),
      ...(state.schema ? [] : [`schema ${names.schema} owned by ${names.owner}`]),
      ...(state.migrates || admin.superuser || !state.owner ? [] : [`membership of ${admin.user} in ${names.owner}`]),
      ...(state.granted || !state.schema ? [] : [`privileges of ${names.role} in schema ${names.schema}`]),
      ...(state.searchPath || !state.role ? [] : [`search_path of ${names.role}`]),
    ]
  })
}

/** All passwords derive from one, so one log-in tells whether they still fit. */
async function canLogIn(login: Login): Promise<boolean> {
  try {
    const client = await connectClient(clientConfig(login, 'banyan provision'))
    await client.end()
    return true
  } catch (error) {
    if (BanyanError.is(error, 'database_login_failed')) return false
    throw error
  }
}
