import type pg from 'pg'
import { BanyanError } from '../kernel/errors.ts'
import { literal, quoted, type ServiceNames } from './names.ts'

/** Kept apart by row-level security: the policies of the service's tables compare with `banyan_tenant()`, which every transaction is told. */
export type TenantSeparation = 'row-level-security'

/**
 * SQL that tells the open transaction its tenant, and only it: with the transaction the setting is over, so that nothing is left on a
 * connection of a pool, or on that of a pooler such as PgBouncer in transaction mode.
 */
export function tenantSetting(tenant: string): string {
  return `select set_config('banyan.tenant', ${literal(tenant)}, true)`
}

/** The same with a parameter, for a statement that comes often. */
export const setTenant = "select set_config('banyan.tenant', $1, true)"

interface Found {
  readonly table: string
  readonly enabled: boolean
  readonly forced: boolean
  readonly policies: number
}

// partitions as well: who names one directly does not meet the policies of its parent
const tablesWithTenant = /* sql */ `
  select c.oid::regclass::text as "table", c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
    (select count(*)::int from pg_policy p where p.polrelid = c.oid) as policies
  from pg_class c
  where c.relnamespace = to_regnamespace($1) and c.relkind in ('r', 'p') and c.relname not like 'banyan\\_%'
    and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant' and not a.attisdropped)
  order by 1`

const unbound = 'select rolname as role, rolsuper as super from pg_roles where rolname = $1 and (rolsuper or rolbypassrls)'

/**
 * Throws `database_tenants` unless every table of the service that has a column `tenant` has row-level security, forced, and the service's role
 * is bound by it. Forced, since a view or a function of the owner's would otherwise read past it.
 */
export async function checkTenants(pool: pg.Pool, { service, schema, role }: ServiceNames): Promise<void> {
  const [tables, roles] = await Promise.all([
    pool.query<Found>(tablesWithTenant, [quoted(schema)]),
    pool.query<{ role: string; super: boolean }>(unbound, [role]),
  ])
  if (roles.rows[0]) {
    const { role: name, super: all } = roles.rows[0]
    throw new BanyanError(
      'database_tenants',
      `the role ${name} of service '${service}' ${all ? 'is a superuser' : 'has BYPASSRLS'} and sees every tenant; alter role ${quoted(name)} ${all ? 'nosuperuser' : 'nobypassrls'}`,
    )
  }
  const open = tables.rows.filter(({ enabled, forced, policies }) => !enabled || !forced || policies === 0)
  if (open.length === 0) return
  const names = open.map(({ table }) => table)
  throw new BanyanError(
    'database_tenants',
    `service '${service}' keeps tenants apart by row-level security, and ${names.join(', ')} ${open.length === 1 ? 'has' : 'have'} a column \`tenant\` and let everybody in; add to a migration:\n${open.map(remedy).join('\n')}`,
    { details: { tables: names } },
  )
}

function remedy({ table, enabled, forced, policies }: Found): string {
  const name = table.split('.').at(-1)!
  return [
    ...(enabled ? [] : [`  alter table ${name} enable row level security;`]),
    ...(forced ? [] : [`  alter table ${name} force row level security;`]),
    ...(policies > 0 ? [] : [`  create policy tenant on ${name} using (tenant = banyan_tenant());`]),
  ].join('\n')
}
