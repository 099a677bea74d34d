/**
 * `banyan_months` and `banyan_forget_keys`: make the monthly partitions of keys, events and work ahead of time, and drop those of keys
 * that have outlived their retention. They belong to the schema's owner and run with its rights, so that the service's role, which may not
 * change structure, can have it done.
 *
 * Both take locks in the order in which commits do, wait for them half a second at most (else they fail with 55P03 and nothing is
 * changed), and are done by one caller at a time. A month whose rows are in the default partition already takes them over. Rights on a
 * partition are withdrawn: rows are reached through the parent, under its rights.
 */
export const monthFunctions = /* sql */ `
create function banyan_uuid_from(p_time timestamptz) returns uuid language sql immutable
as $banyan$ select rpad(lpad(to_hex((extract(epoch from p_time) * 1000)::bigint), 12, '0'), 32, '0')::uuid $banyan$;

create function banyan_months(p_first timestamptz, p_last timestamptz) returns int
language plpgsql security definer
set lock_timeout = '500ms'
as $banyan$
declare
  today constant timestamptz := date_trunc('month', p_first at time zone 'UTC') at time zone 'UTC';
  parent text;
  month text;
  first timestamptz;
  next timestamptz;
  low text;
  high text;
  key_column text;
  grantee text;
  made int := 0;
begin
  foreach parent in array array['banyan_keys', 'banyan_events', 'banyan_work'] loop
    first := today;
    while first <= p_last loop
      next := (first at time zone 'UTC' + interval '1 month') at time zone 'UTC';
      month := parent || to_char(first at time zone 'UTC', '_YYYY_MM');
      if to_regclass(month) is null then
        if made = 0 and not pg_try_advisory_xact_lock('banyan_log'::regclass::oid::int, -1) then return 0; end if;
        if parent = 'banyan_events' then
          select 'at', first, next into key_column, low, high;
        else
          select case parent when 'banyan_keys' then 'key' else 'id' end, banyan_uuid_from(first), banyan_uuid_from(next) into key_column, low, high;
        end if;
        execute format('create table %I (like %I including defaults including constraints)', month, parent);
        for grantee in
          select coalesce(quote_ident(r.rolname), 'public') from pg_class c cross join aclexplode(c.relacl) a left join pg_roles r on r.oid = a.grantee
          where c.oid = month::regclass and a.grantee <> c.relowner group by 1
        loop execute format('revoke all on %I from %s', month, grantee); end loop;
        execute format('lock table %I in access exclusive mode', parent || '_rest');
        execute format('with moved as (delete from %1$I where %2$I >= %3$L and %2$I < %4$L returning *) insert into %5$I select * from moved', parent || '_rest', key_column, low, high, month);
        execute format('alter table %I attach partition %I for values from (%L) to (%L)', parent, month, low, high);
        made := made + 1;
      end if;
      first := next;
    end loop;
  end loop;
  return made;
end $banyan$;

create function banyan_forget_keys(p_before timestamptz) returns int
language plpgsql security definer
set lock_timeout = '500ms'
as $banyan$
declare
  month text;
  dropped int := 0;
begin
  for month in select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'banyan_keys'::regclass and c.relname <> 'banyan_keys_rest' loop
    if make_timestamp(left(right(month, 7), 4)::int, right(month, 2)::int, 1, 0, 0, 0) + interval '1 month' <= p_before at time zone 'UTC' then
      execute format('drop table %I', month);
      dropped := dropped + 1;
    end if;
  end loop;
  delete from banyan_keys_rest where at < p_before;
  return dropped;
end $banyan$;

do $banyan$ begin
  execute format('alter function banyan_months(timestamptz, timestamptz) set search_path to %I, pg_temp', current_schema());
  execute format('alter function banyan_forget_keys(timestamptz) set search_path to %I, pg_temp', current_schema());
  revoke execute on function banyan_months(timestamptz, timestamptz), banyan_forget_keys(timestamptz) from public;
end $banyan$;
`
