/**
 * `banyan_commit`: commits a batch of units in one round trip. See `batch.ts` for its four parameters, which hold the columns of the batch
 * one after another, and for its answer.
 *
 * Guarantees:
 * - A unit is added as a whole or not at all, each with an outcome of its own; a unit that fails harms no other.
 * - Versions grow without gaps within a stream, positions in commit order within a partition, whoever else appends: the partitions are
 *   locked, in ascending order, until the transaction ends. So it must be the last statement before COMMIT.
 * - Versions are checked before positions are drawn, so losers leave no gaps.
 * - READ COMMITTED: every statement in here sees what was committed before the locks were granted. REPEATABLE READ and SERIALIZABLE: the
 *   caller's snapshot may be older than the locks; then a unit is a conflict, or the call fails with 40001, but no version is given
 *   twice and no assertion holds wrongly, since every stream it looked at is then also written.
 * - Fails with 40001 when a key of a batch of several is just being committed by another transaction; call again.
 *
 * What is asked of all units at once is answered by a few statements over the whole batch. Only if one of them does not pass are the units
 * judged one by one, still in this call; what passed is then written by the same statements. The settings keep the plans from depending
 * on statistics, which lag behind a table that grows this fast.
 */
export const commitFunction = /* sql */ `
create function banyan_commit(p_ints int[], p_texts text[], p_uuids uuid[], p_jsons json[]) returns text
language plpgsql
set search_path from current
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set jit = off
as $banyan$
declare
  none constant uuid := '00000000-0000-0000-0000-000000000000';
  n_units constant int := p_ints[1];
  n_locks constant int := p_ints[2];
  n_streams constant int := p_ints[3];
  n_entries constant int := p_ints[4];
  n_events constant int := p_ints[5];
  n_keys constant int := p_ints[6];
  n_sends constant int := p_ints[7];
  n_checkpoints constant int := p_ints[8];
  -- where the columns begin
  i_lock constant int := 9;
  i_stream_partition constant int := i_lock + n_locks;
  i_stream_base constant int := i_stream_partition + n_streams;
  i_stream_total constant int := i_stream_base + n_streams;
  i_entry_unit constant int := i_stream_total + n_streams;
  i_entry_stream constant int := i_entry_unit + n_entries;
  i_entry_before constant int := i_entry_stream + n_entries;
  i_entry_first constant int := i_entry_before + n_entries;
  i_entry_expected constant int := i_entry_first + n_entries;
  i_entry_count constant int := i_entry_expected + n_entries;
  i_event_entry constant int := i_entry_count + n_entries;
  i_event_schema constant int := i_event_entry + n_events;
  i_key_unit constant int := i_event_schema + n_events;
  i_send_unit constant int := i_key_unit + n_keys;
  i_checkpoint_unit constant int := i_send_unit + n_sends;
  i_checkpoint_partition constant int := i_checkpoint_unit + n_checkpoints;
  t_tenant constant int := 0;
  t_stream constant int := n_units;
  t_type constant int := t_stream + n_streams;
  t_key_operation constant int := t_type + n_events;
  t_key_tenant constant int := t_key_operation + n_keys;
  t_key_subject constant int := t_key_tenant + n_keys;
  t_key_input constant int := t_key_subject + n_keys;
  t_send_service constant int := t_key_input + n_keys;
  t_send_operation constant int := t_send_service + n_sends;
  t_subscription constant int := t_send_operation + n_sends;
  t_source constant int := t_subscription + n_checkpoints;
  t_epoch constant int := t_source + n_checkpoints;
  t_position constant int := t_epoch + n_checkpoints;
  u_stream_last constant int := 0;
  u_stream_final constant int := n_streams;
  u_entry_last constant int := u_stream_final + n_streams;
  u_entry_final constant int := u_entry_last + n_entries;
  u_event constant int := u_entry_final + n_entries;
  u_key constant int := u_event + n_events;
  u_send constant int := u_key + n_keys;
  j_data constant int := 0;
  j_meta constant int := n_events;
  j_result constant int := j_meta + n_events;
  j_input constant int := j_result + n_keys;
  j_context constant int := j_input + n_sends;
  -- the caller's snapshot may be older than the locks
  stale constant boolean := current_setting('transaction_isolation') <> 'read committed';
  passed boolean := p_ints[9] = 0;
  inserted int;
  -- by stream: the version found
  bases int[];
  positions bigint[];
  -- set only when units were judged one by one. By unit: whether it is added; by stream: version and last event afterwards; by entry: the version it builds on
  ok boolean[];
  versions int[];
  lasts uuid[];
  entry_bases int[];
  failures text[] := '{}';
  verdict text;
  entry int := 1;
  k int := 1;
  c int := 1;
  s int;
begin
  perform pg_advisory_xact_lock('banyan_log'::regclass::oid::int, p_ints[i_lock + i]) from generate_series(1, n_locks) i;

  select array_agg(found.version), passed and coalesce(bool_and(case p_ints[i_stream_base + found.i]
      when -1 then true
      when -2 then found.version > 0
      else found.version = p_ints[i_stream_base + found.i] and p_uuids[u_stream_last + found.i] in (none, found.last)
    end), true)
  into bases, passed
  from (
    select i, coalesce(stored.version, 0) as version, coalesce(stored.last, none) as last
    from generate_series(1, n_streams) i
    left join lateral (select version, last from banyan_streams where stream = p_texts[t_stream + i] offset 0) stored on true
  ) found;

  if passed and n_checkpoints > 0 then
    select count(*) = n_checkpoints into passed from (
      select from generate_series(1, n_checkpoints) i
      join banyan_subscriptions held on (held.subscription, held.source, held.partition, held.epoch)
        = (p_texts[t_subscription + i], p_texts[t_source + i], p_ints[i_checkpoint_partition + i], p_texts[t_epoch + i]::bigint)
      where held.position < p_texts[t_position + i]::bigint
      for no key update of held
    ) advancing;
  end if;

  if passed and n_keys > 0 then
    insert into banyan_keys (key, operation, tenant, subject, input, result)
    select p_uuids[u_key + i], p_texts[t_key_operation + i], p_texts[t_key_tenant + i], p_texts[t_key_subject + i], p_texts[t_key_input + i], p_jsons[j_result + i]
    from generate_series(1, n_keys) i
    where not exists (
      select from generate_series(1, n_keys) j
      join lateral (
        select from banyan_keys known where (known.key, known.operation, known.tenant, known.subject)
          = (p_uuids[u_key + j], p_texts[t_key_operation + j], p_texts[t_key_tenant + j], p_texts[t_key_subject + j]) offset 0
      ) used on true
    )
    order by 1
    on conflict do nothing;
    get diagnostics inserted = row_count;
    if inserted > 0 and inserted < n_keys then
      raise exception 'an idempotency key of the batch is being committed by another transaction' using errcode = 'serialization_failure';
    end if;
    passed := inserted = n_keys;
  end if;

  if not passed then
    select array_agg(coalesce(stored.version, 0)), array_agg(coalesce(stored.last, none)) into versions, lasts
    from generate_series(1, n_streams) i
    left join lateral (select version, last from banyan_streams where stream = p_texts[t_stream + i] offset 0) stored on true;
    ok := array_fill(true, array[n_units]);
    entry_bases := array_fill(0, array[n_entries]);
    for u in 1 .. n_units loop
      verdict := null;
      if k <= n_keys and p_ints[i_key_unit + k] = u then
        select json_build_object('unit', u - 1, 'kind', 'duplicate', 'input', known.input, 'result', known.result::text) into verdict
        from banyan_keys known where (known.key, known.operation, known.tenant, known.subject)
          = (p_uuids[u_key + k], p_texts[t_key_operation + k], p_texts[t_key_tenant + k], p_texts[t_key_subject + k]);
      end if;
      if verdict is null and c <= n_checkpoints and p_ints[i_checkpoint_unit + c] = u then
        perform from banyan_subscriptions held where (held.subscription, held.source, held.partition, held.epoch)
          = (p_texts[t_subscription + c], p_texts[t_source + c], p_ints[i_checkpoint_partition + c], p_texts[t_epoch + c]::bigint)
          and held.position < p_texts[t_position + c]::bigint
        for no key update;
        if not found then verdict := json_build_object('unit', u - 1, 'kind', 'lease_lost'); end if;
      end if;
      for e in entry .. n_entries loop
        exit when verdict is not null or p_ints[i_entry_unit + e] <> u;
        s := p_ints[i_entry_stream + e];
        if not (case p_ints[i_entry_expected + e]
          when -1 then true
          when -2 then versions[s] > 0
          else versions[s] = p_ints[i_entry_expected + e] and p_uuids[u_entry_last + e] in (none, lasts[s])
        end) then
          verdict := json_build_object('unit', u - 1, 'kind', 'conflict', 'entry', e - 1, 'actual', versions[s]);
        end if;
      end loop;
      if verdict is null and k <= n_keys and p_ints[i_key_unit + k] = u then
        insert into banyan_keys (key, operation, tenant, subject, input, result)
        values (p_uuids[u_key + k], p_texts[t_key_operation + k], p_texts[t_key_tenant + k], p_texts[t_key_subject + k], p_texts[t_key_input + k], p_jsons[j_result + k])
        on conflict do nothing;
        if not found then
          select json_build_object('unit', u - 1, 'kind', 'duplicate', 'input', known.input, 'result', known.result::text) into strict verdict
          from banyan_keys known where (known.key, known.operation, known.tenant, known.subject)
            = (p_uuids[u_key + k], p_texts[t_key_operation + k], p_texts[t_key_tenant + k], p_texts[t_key_subject + k]);
        end if;
      end if;
      if verdict is not null then
        ok[u] := false;
        failures := failures || verdict;
      elsif c <= n_checkpoints and p_ints[i_checkpoint_unit + c] = u then
        -- here, not below, so that a later advance of the same checkpoint is judged by it
        update banyan_subscriptions held set position = p_texts[t_position + c]::bigint
        where (held.subscription, held.source, held.partition) = (p_texts[t_subscription + c], p_texts[t_source + c], p_ints[i_checkpoint_partition + c]);
      end if;
      while entry <= n_entries and p_ints[i_entry_unit + entry] = u loop
        s := p_ints[i_entry_stream + entry];
        entry_bases[entry] := versions[s];
        if verdict is null and p_ints[i_entry_count + entry] > 0 then
          versions[s] := versions[s] + p_ints[i_entry_count + entry];
          lasts[s] := p_uuids[u_entry_final + entry];
        end if;
        entry := entry + 1;
      end loop;
      if k <= n_keys and p_ints[i_key_unit + k] = u then k := k + 1; end if;
      if c <= n_checkpoints and p_ints[i_checkpoint_unit + c] = u then c := c + 1; end if;
    end loop;
  elsif n_checkpoints > 0 then
    update banyan_subscriptions held set position = p_texts[t_position + i]::bigint
    from generate_series(1, n_checkpoints) i
    where (held.subscription, held.source, held.partition) = (p_texts[t_subscription + i], p_texts[t_source + i], p_ints[i_checkpoint_partition + i]);
  end if;

  if n_events > 0 or stale then
    insert into banyan_streams (stream, version, last)
    select p_texts[t_stream + i], coalesce(versions[i], bases[i] + p_ints[i_stream_total + i]), coalesce(lasts[i], p_uuids[u_stream_final + i])
    from generate_series(1, n_streams) i
    where stale or coalesce(versions[i] > bases[i], p_ints[i_stream_total + i] > 0)
    on conflict (stream) do update set version = excluded.version, last = case when excluded.last = none then banyan_streams.last else excluded.last end;
  end if;
  if stale then
    delete from banyan_streams where version = 0 and stream = any (p_texts[t_stream + 1 : t_stream + n_streams]);
  end if;

  if n_events > 0 then
    select array_agg(case when ok is null or ok[p_ints[i_entry_unit + p_ints[i_event_entry + i]]] then nextval('banyan_position') end) into positions
    from generate_series(1, n_events) i;
    insert into banyan_events (partition, position, stream, version, type, schema, id, tenant, data, meta)
    select p_ints[i_stream_partition + at_stream], positions[i], p_texts[t_stream + at_stream],
      coalesce(entry_bases[at_entry], bases[at_stream] + p_ints[i_entry_before + at_entry]) + i - p_ints[i_entry_first + at_entry] + 1,
      p_texts[t_type + i], p_ints[i_event_schema + i], p_uuids[u_event + i], p_texts[t_tenant + p_ints[i_entry_unit + at_entry]],
      p_jsons[j_data + i], p_jsons[j_meta + i]
    from (
      select i, p_ints[i_event_entry + i] as at_entry, p_ints[i_entry_stream + p_ints[i_event_entry + i]] as at_stream
      from generate_series(1, n_events) i offset 0
    ) event
    where positions[i] is not null;
  end if;

  if n_sends > 0 then
    -- the same id again is the same send
    insert into banyan_work (id, kind, tenant, service, operation, input, context)
    select p_uuids[u_send + i], 'send', p_texts[t_tenant + p_ints[i_send_unit + i]], p_texts[t_send_service + i], p_texts[t_send_operation + i],
      p_jsons[j_input + i], p_jsons[j_context + i]
    from generate_series(1, n_sends) i
    where ok is null or ok[p_ints[i_send_unit + i]]
    on conflict do nothing;
  end if;

  return concat('{"bases":[', array_to_string(bases, ','), '],"entries":', coalesce('[' || array_to_string(entry_bases, ',') || ']', 'null'),
    ',"positions":[', array_to_string(positions, ',', 'null'), '],"failures":[', array_to_string(failures, ','), ']}');
end $banyan$;
`
