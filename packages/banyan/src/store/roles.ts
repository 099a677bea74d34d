import type { Login } from './address.ts'
import { literal, quoted, type ServiceNames } from './names.ts'
import { rolePassword, scramVerifier } from './role-password.ts'

/** Who runs the app: the user of DATABASE_URL, and what the passwords of the roles derive from. */
export interface Admin {
  readonly user: string
  readonly superuser: boolean
  readonly password?: string
}

/** The login of a service's role, on the same server as the admin's. */
export function serviceLogin(admin: Login, role: string): Login {
  const { password, ...rest } = admin
  return { ...rest, user: role, ...(password === undefined ? {} : { password: rolePassword(password, role) }) }
}

/**
 * SQL that makes the schema and the roles of the services, and may be run again at any time. Plain statements without session state and
 * without passwords in the clear; `banyan db plan` prints it, `provision` runs it.
 */
export function rolePlan(services: readonly ServiceNames[], admin: Admin): string {
  return services.map((names) => servicePlan(names, admin)).join('\n')
}

function servicePlan({ service, schema, owner, role }: ServiceNames, admin: Admin): string {
  const [s, o, r] = [quoted(schema), quoted(owner), quoted(role)]
  return [
    `-- service ${service}: ${owner} owns and migrates the schema, ${role} is what the service logs in as`,
    createRole(owner, 'nologin'),
    createRole(role, 'login'),
    `alter role ${r} login${admin.password === undefined ? '' : ` password ${literal(scramVerifier(rolePassword(admin.password, role), role))}`};`,
    // kept with the role, so it holds on every connection, also behind PgBouncer
    `alter role ${r} set search_path = ${s};`,
    ...(admin.superuser ? [] : [`grant ${o} to ${quoted(admin.user)};`]),
    `create schema if not exists ${s} authorization ${o};`,
    `grant usage on schema ${s} to ${r};`,
    `alter default privileges for role ${o} in schema ${s} grant select, insert, update, delete on tables to ${r};`,
    `alter default privileges for role ${o} in schema ${s} grant usage, select on sequences to ${r};`,
    `alter default privileges for role ${o} in schema ${s} grant execute on routines to ${r};`,
    '',
  ].join('\n')
}

function createRole(name: string, kind: 'login' | 'nologin'): string {
  return `do $$ begin if not exists (select from pg_roles where rolname = ${literal(name)}) then create role ${quoted(name)} ${kind}; end if; end $$;`
}
