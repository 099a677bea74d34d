/**
 * `banyan_tenant()`: the tenant that the open transaction works for, for policies and column defaults in a service's migrations; null outside
 * of one, so that a policy lets nothing through.
 */
export const tenantFunction = /* sql */ `
create function banyan_tenant() returns text language sql stable parallel safe
as $banyan$ select nullif(current_setting('banyan.tenant', true), '') $banyan$;
`
