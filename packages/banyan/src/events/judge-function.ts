/**
 * `banyan_judge`: decides unit by unit, in order, what of a batch is added, each unit seeing what those before it do. Called by
 * `banyan_commit` under its locks when not all of a batch passes. Records keys and moves checkpoints of the units that pass; streams,
 * events and sends are written by the caller, the events at the offsets that `ints` then has.
 *
 * A repeated key is told before anything else, since a repeat may find its own effects in the way.
 */
export const judgeFunction = /* sql */ `
create function banyan_judge(
  p_ints int[], p_texts text[], p_uuids uuid[], p_jsons json[],
  out ints int[], out ok boolean[], out bases int[], out versions int[], out lasts uuid[], out entry_bases int[], out failures text
)
language plpgsql
as $banyan$
declare
  none constant uuid := '00000000-0000-0000-0000-000000000000';
  n_units constant int := p_ints[1];
  n_locks constant int := p_ints[2];
  n_streams constant int := p_ints[3];
  n_events constant int := p_ints[4];
  n_keys constant int := p_ints[5];
  n_sends constant int := p_ints[6];
  n_checkpoints constant int := p_ints[7];
  n_entries constant int := p_ints[8];
  i_event_offset constant int := 9 + n_locks + 3 * n_streams + n_events;
  i_key_unit constant int := i_event_offset + 3 * n_events;
  i_checkpoint_unit constant int := i_key_unit + n_keys + n_sends;
  i_checkpoint_partition constant int := i_checkpoint_unit + n_checkpoints;
  i_entry_unit constant int := i_checkpoint_partition + n_checkpoints;
  i_entry_stream constant int := i_entry_unit + n_entries;
  i_entry_first constant int := i_entry_stream + n_entries;
  i_entry_expected constant int := i_entry_first + n_entries;
  i_entry_count constant int := i_entry_expected + n_entries;
  t_stream constant int := n_units;
  t_key_operation constant int := t_stream + n_streams + n_events;
  t_key_tenant constant int := t_key_operation + n_keys;
  t_key_subject constant int := t_key_tenant + n_keys;
  t_key_input constant int := t_key_subject + n_keys;
  t_subscription constant int := t_key_input + n_keys + 3 * n_sends;
  t_source constant int := t_subscription + n_checkpoints;
  t_epoch constant int := t_source + n_checkpoints;
  t_position constant int := t_epoch + n_checkpoints;
  u_key constant int := 2 * n_streams + n_events;
  u_entry_last constant int := u_key + n_keys + n_sends;
  u_entry_final constant int := u_entry_last + n_entries;
  j_result constant int := 2 * n_events;
  verdicts text[] := '{}';
  verdict text;
  -- the unit's key and checkpoint, if it has them
  key_at int := 1;
  checkpoint_at int := 1;
  has_key boolean;
  has_checkpoint boolean;
  entry int := 1;
  s int;
begin
  select array_agg(coalesce(stored.version, 0)), array_agg(coalesce(stored.last, none)) into versions, lasts
  from generate_series(1, n_streams) i
  left join lateral (select version, last from banyan_streams where stream = p_texts[t_stream + i] offset 0) stored on true;
  bases := versions;
  ints := p_ints;
  ok := array_fill(true, array[n_units]);
  entry_bases := array_fill(0, array[n_entries]);

  for u in 1 .. n_units loop
    verdict := null;
    has_key := key_at <= n_keys and p_ints[i_key_unit + key_at] = u;
    has_checkpoint := checkpoint_at <= n_checkpoints and p_ints[i_checkpoint_unit + checkpoint_at] = u;

    if has_key then
      select json_build_object('unit', u - 1, 'kind', 'duplicate', 'input', known.input, 'result', known.result::text) into verdict
      from banyan_keys known where (known.key, known.operation, known.tenant, known.subject)
        = (p_uuids[u_key + key_at], p_texts[t_key_operation + key_at], p_texts[t_key_tenant + key_at], p_texts[t_key_subject + key_at]);
    end if;

    if verdict is null and has_checkpoint then
      perform from banyan_subscriptions held where (held.subscription, held.source, held.partition, held.epoch)
        = (p_texts[t_subscription + checkpoint_at], p_texts[t_source + checkpoint_at], p_ints[i_checkpoint_partition + checkpoint_at], p_texts[t_epoch + checkpoint_at]::bigint)
        and held.position < p_texts[t_position + checkpoint_at]::bigint
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

    if verdict is null and has_key then
      insert into banyan_keys (key, operation, tenant, subject, input, result)
      values (
        p_uuids[u_key + key_at], p_texts[t_key_operation + key_at], p_texts[t_key_tenant + key_at], p_texts[t_key_subject + key_at],
        p_texts[t_key_input + key_at], p_jsons[j_result + key_at]
      )
      on conflict do nothing;
      if not found then
        -- another transaction has committed it since it was looked for
        select json_build_object('unit', u - 1, 'kind', 'duplicate', 'input', known.input, 'result', known.result::text) into strict verdict
        from banyan_keys known where (known.key, known.operation, known.tenant, known.subject)
          = (p_uuids[u_key + key_at], p_texts[t_key_operation + key_at], p_texts[t_key_tenant + key_at], p_texts[t_key_subject + key_at]);
      end if;
    end if;

    if verdict is not null then
      ok[u] := false;
      verdicts := verdicts || verdict;
    elsif has_checkpoint then
      update banyan_subscriptions held set position = p_texts[t_position + checkpoint_at]::bigint
      where (held.subscription, held.source, held.partition)
        = (p_texts[t_subscription + checkpoint_at], p_texts[t_source + checkpoint_at], p_ints[i_checkpoint_partition + checkpoint_at]);
    end if;

    while entry <= n_entries and p_ints[i_entry_unit + entry] = u loop
      s := p_ints[i_entry_stream + entry];
      entry_bases[entry] := versions[s];
      for i in 1 .. p_ints[i_entry_count + entry] loop
        ints[i_event_offset + p_ints[i_entry_first + entry] - 1 + i] := versions[s] - bases[s] + i;
      end loop;
      if verdict is null and p_ints[i_entry_count + entry] > 0 then
        versions[s] := versions[s] + p_ints[i_entry_count + entry];
        lasts[s] := p_uuids[u_entry_final + entry];
      end if;
      entry := entry + 1;
    end loop;
    if has_key then key_at := key_at + 1; end if;
    if has_checkpoint then checkpoint_at := checkpoint_at + 1; end if;
  end loop;
  failures := array_to_string(verdicts, ',');
end $banyan$;
`
