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
 * What is asked of all units at once is answered by a few statements over the whole batch. Only if something does not pass are the units
 * judged one by one (`judge-function.ts`), still in this call; what passed is then written by the same statements. The settings keep the
 * plans from depending on statistics, which lag behind tables that grow this fast.
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
  n_streams constant int := p_ints[3];
  n_events constant int := p_ints[4];
  n_keys constant int := p_ints[5];
  n_sends constant int := p_ints[6];
  n_checkpoints constant int := p_ints[7];
  -- where columns begin; columns that begin at 0 have no name
  i_stream_partition constant int := 9 + p_ints[2];
  i_stream_base constant int := i_stream_partition + n_streams;
  i_stream_total constant int := i_stream_base + n_streams;
  i_event_stream constant int := i_stream_total + n_streams;
  i_event_offset constant int := i_event_stream + n_events;
  i_event_unit constant int := i_event_offset + n_events;
  i_event_schema constant int := i_event_unit + n_events;
  t_type constant int := n_units + n_streams;
  u_event constant int := 2 * n_streams;
  -- the caller's snapshot may be older than the locks
  stale constant boolean := current_setting('transaction_isolation') <> 'read committed';
  passed boolean := p_ints[9] = 0;
  inserted int;
  locked text;
  -- by stream: the version found
  bases int[];
  positions bigint[];
  -- set only when units were judged one by one. By unit: whether it is added; by stream: version and last event afterwards; by entry: the version it builds on
  ok boolean[];
  versions int[];
  lasts uuid[];
  entry_bases int[];
  failures text := '';
begin
  for i in 10 .. i_stream_partition loop
    locked := pg_advisory_xact_lock('banyan_log'::regclass::oid::int, p_ints[i]);
  end loop;

  select array_agg(found.version), passed and coalesce(bool_and(case p_ints[i_stream_base + found.i]
      when -1 then true
      when -2 then found.version > 0
      else found.version = p_ints[i_stream_base + found.i] and p_uuids[found.i] in (none, found.last)
    end), true)
  into bases, passed
  from (
    select i, coalesce(stored.version, 0) as version, coalesce(stored.last, none) as last
    from generate_series(1, n_streams) i
    left join lateral (select version, last from banyan_streams where stream = p_texts[n_units + i] offset 0) stored on true
  ) found;

  if passed and n_checkpoints > 0 then
    declare
      i_partition constant int := i_event_schema + n_events + n_keys + n_sends + n_checkpoints;
      t_subscription constant int := t_type + n_events + 4 * n_keys + 3 * n_sends;
      t_source constant int := t_subscription + n_checkpoints;
      t_epoch constant int := t_source + n_checkpoints;
      t_position constant int := t_epoch + n_checkpoints;
    begin
      select count(*) = n_checkpoints into passed from (
        select from generate_series(1, n_checkpoints) i
        join banyan_subscriptions held on (held.subscription, held.source, held.partition, held.epoch)
          = (p_texts[t_subscription + i], p_texts[t_source + i], p_ints[i_partition + i], p_texts[t_epoch + i]::bigint)
        where held.position < p_texts[t_position + i]::bigint
        for no key update of held
      ) advancing;
    end;
  end if;

  if passed and n_keys > 0 then
    declare
      t_operation constant int := t_type + n_events;
      t_tenant constant int := t_operation + n_keys;
      t_subject constant int := t_tenant + n_keys;
      t_input constant int := t_subject + n_keys;
      u_key constant int := u_event + n_events;
      j_result constant int := 2 * n_events;
    begin
      insert into banyan_keys (key, operation, tenant, subject, input, result)
      select p_uuids[u_key + i], p_texts[t_operation + i], p_texts[t_tenant + i], p_texts[t_subject + i], p_texts[t_input + i], p_jsons[j_result + i]
      from generate_series(1, n_keys) i
      where not exists (
        select from generate_series(1, n_keys) j
        join lateral (
          select from banyan_keys known where (known.key, known.operation, known.tenant, known.subject)
            = (p_uuids[u_key + j], p_texts[t_operation + j], p_texts[t_tenant + j], p_texts[t_subject + j]) offset 0
        ) used on true
      )
      order by 1
      on conflict do nothing;
      get diagnostics inserted = row_count;
      if inserted > 0 and inserted < n_keys then
        raise exception 'an idempotency key of the batch is being committed by another transaction' using errcode = 'serialization_failure';
      end if;
      passed := inserted = n_keys;
    end;
  end if;

  if passed and n_checkpoints > 0 then
    declare
      i_partition constant int := i_event_schema + n_events + n_keys + n_sends + n_checkpoints;
      t_subscription constant int := t_type + n_events + 4 * n_keys + 3 * n_sends;
      t_source constant int := t_subscription + n_checkpoints;
      t_position constant int := t_source + 2 * n_checkpoints;
    begin
      update banyan_subscriptions held set position = p_texts[t_position + i]::bigint
      from generate_series(1, n_checkpoints) i
      where (held.subscription, held.source, held.partition) = (p_texts[t_subscription + i], p_texts[t_source + i], p_ints[i_partition + i]);
    end;
  end if;

  if not passed then
    select * into p_ints, ok, bases, versions, lasts, entry_bases, failures from banyan_judge(p_ints, p_texts, p_uuids, p_jsons);
  end if;

  if stale or n_events > 0 then
    insert into banyan_streams (stream, version, last)
    select p_texts[n_units + i], coalesce(versions[i], bases[i] + p_ints[i_stream_total + i]), coalesce(lasts[i], p_uuids[n_streams + i])
    from generate_series(1, n_streams) i
    where stale or coalesce(versions[i] > bases[i], p_ints[i_stream_total + i] > 0)
    on conflict (stream) do update set version = excluded.version, last = case when excluded.last = none then banyan_streams.last else excluded.last end;
    if stale then
      delete from banyan_streams where version = 0 and stream = any (p_texts[n_units + 1 : n_units + n_streams]);
    end if;
  end if;

  if n_events > 0 then
    for i in 1 .. n_events loop
      positions[i] := case when ok is null or ok[p_ints[i_event_unit + i]] then nextval('banyan_position') end;
    end loop;
    insert into banyan_events (partition, position, stream, version, type, schema, id, tenant, data, meta)
    select p_ints[i_stream_partition + p_ints[i_event_stream + i]], positions[i], p_texts[n_units + p_ints[i_event_stream + i]],
      bases[p_ints[i_event_stream + i]] + p_ints[i_event_offset + i], p_texts[t_type + i], p_ints[i_event_schema + i], p_uuids[u_event + i],
      p_texts[p_ints[i_event_unit + i]], p_jsons[i], p_jsons[n_events + i]
    from generate_series(1, n_events) i
    where positions[i] is not null;
  end if;

  if n_sends > 0 then
    declare
      i_unit constant int := i_event_schema + n_events + n_keys;
      t_service constant int := t_type + n_events + 4 * n_keys;
      t_operation constant int := t_service + n_sends;
      t_due constant int := t_operation + n_sends;
      u_send constant int := u_event + n_events + n_keys;
      j_input constant int := 2 * n_events + n_keys;
      j_context constant int := j_input + n_sends;
    begin
      -- the same id again is the same send
      insert into banyan_work (id, kind, tenant, service, operation, input, context, due_at)
      select p_uuids[u_send + i], 'send', p_texts[p_ints[i_unit + i]], p_texts[t_service + i], p_texts[t_operation + i], p_jsons[j_input + i], p_jsons[j_context + i],
        case when p_texts[t_due + i] = '' then clock_timestamp() when p_texts[t_due + i] like '% ms' then clock_timestamp() + p_texts[t_due + i]::interval
          else p_texts[t_due + i]::timestamptz end
      from generate_series(1, n_sends) i
      where ok is null or ok[p_ints[i_unit + i]]
      on conflict do nothing;
    end;
  end if;

  return concat('{"bases":[', array_to_string(bases, ','), '],"entries":', coalesce('[' || array_to_string(entry_bases, ',') || ']', 'null'),
    ',"positions":[', array_to_string(positions, ',', 'null'), '],"failures":[', failures, ']}');
end $banyan$;
`
