/**
 * `banyan_append`: `banyan_commit` for the commonest unit, events for one stream at an exact version, with or without a key; with half of
 * its cost where that unit is alone. The write itself tells whether the version is right. Answers the position of the last event, or null
 * after changing nothing: then `banyan_commit` tells why. Guarantees as there. It has no settings of its own, which would cost a tenth of
 * the call, so the search path has to be the service's.
 */
export const appendFunction = /* sql */ `
create function banyan_append(
  p_partition int, p_stream text, p_version int, p_last uuid, p_tenant text,
  p_ids uuid[], p_types text[], p_schemas int[], p_datas json[], p_metas json[],
  p_key uuid, p_operation text, p_key_tenant text, p_subject text, p_input text, p_result json
) returns bigint
language plpgsql
as $banyan$
declare
  locked text;
  fits boolean;
begin
  locked := pg_advisory_xact_lock('banyan_log'::regclass::oid::int, p_partition);
  if p_key is not null then
    insert into banyan_keys (key, operation, tenant, subject, input, result) values (p_key, p_operation, p_key_tenant, p_subject, p_input, p_result)
    on conflict do nothing;
    if not found then return null; end if;
  end if;
  if p_version = 0 then
    insert into banyan_streams (stream, version, last) values (p_stream, cardinality(p_ids), p_ids[cardinality(p_ids)]) on conflict do nothing;
    fits := found;
  else
    -- not an update, which a plan made while the table was small would do by reading all of it
    insert into banyan_streams as known (stream, version, last) values (p_stream, p_version + cardinality(p_ids), p_ids[cardinality(p_ids)])
    on conflict (stream) do update set version = excluded.version, last = excluded.last
    where known.version = p_version and (p_last is null or known.last = p_last)
    returning xmax <> 0 into fits;
    if not fits then
      delete from banyan_streams where stream = p_stream;
    end if;
  end if;
  if fits is not true then
    if p_key is not null then
      delete from banyan_keys where (key, operation, tenant, subject) = (p_key, p_operation, p_key_tenant, p_subject);
    end if;
    return null;
  end if;
  insert into banyan_events (partition, position, stream, version, type, schema, id, tenant, data, meta)
  select p_partition, nextval('banyan_position'), p_stream, p_version + n, type, schema, id, p_tenant, data, meta
  from unnest(p_ids, p_types, p_schemas, p_datas, p_metas) with ordinality as event(id, type, schema, data, meta, n);
  return currval('banyan_position');
end $banyan$;
`
