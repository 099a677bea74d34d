import { literal } from './names.ts'

/**
 * SQL that takes from a service's role what would let it change or remove recorded events and refusals, on the tables and on each partition
 * they have now. Runs as the owner with the search path set to the schema; does nothing where there is no such table yet.
 */
export function keepEventsAppendOnly(role: string): string {
  return /* sql */ `do $banyan$ declare part regclass; begin
    for part in
      select table_name from unnest(array[to_regclass('banyan_events'), to_regclass('banyan_refusals')]) as table_name where table_name is not null
      union all select inhrelid::regclass from pg_inherits where inhparent = to_regclass('banyan_events')
    loop execute format('revoke update, delete, truncate on %s from %I', part, ${literal(role)}); end loop;
  end $banyan$;`
}
