import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { orderEvents, type PeerKind } from '../peer.ts'

const CONNECTIONS = 16

/** The tables that one writes by hand; the batched peer has the same. */
export function handWrittenTables(schema: string): string {
  return `
    create schema ${schema};
    create table ${schema}.streams (stream text collate "C" primary key, version int not null) with (fillfactor = 70);
    create table ${schema}.events (
      position bigserial, stream text collate "C" not null, version int not null, id uuid not null, type text not null,
      data json not null, meta json not null, at timestamptz not null default now()
    );
    create index on ${schema}.events (position);
    create unique index on ${schema}.events (stream, version);`
}

const schema = 'one_call'

const appendFunction = `
  create function ${schema}.append(p_stream text, p_expected int, p_ids uuid[], p_types text[], p_data json[], p_meta json[]) returns int language plpgsql as $$
  begin
    if p_expected = 0 then
      insert into ${schema}.streams values (p_stream, cardinality(p_ids)) on conflict do nothing;
    else
      update ${schema}.streams set version = version + cardinality(p_ids) where stream = p_stream and version = p_expected;
    end if;
    if not found then return null; end if;
    insert into ${schema}.events (stream, version, id, type, data, meta)
    select p_stream, p_expected + n, id, type, data, meta from unnest(p_ids, p_types, p_data, p_meta) with ordinality as e(id, type, data, meta, n);
    return p_expected + cardinality(p_ids);
  end $$`

export const oneCall: PeerKind = {
  name: 'one plpgsql call each',
  remarks:
    'written by hand, a pool of 16, positions from a sequence: version checked per append; a reader by position loses events whose transaction commits late; no keys, no partitions',
  async prepare(client) {
    await client.query(handWrittenTables(schema) + appendFunction)
  },
  async start({ connection, flight }) {
    const pool = new pg.Pool({ ...connection, max: Math.min(flight, CONNECTIONS) })
    return {
      async append(stream, after) {
        const events = orderEvents(stream)
        const { rows } = await pool.query<{ version: number | null }>(`select ${schema}.append($1, $2, $3, $4, $5, $6) as version`, [
          stream,
          after ?? 0,
          events.map(() => randomUUID()),
          events.map(({ type }) => type),
          events.map(({ data }) => JSON.stringify(data)),
          events.map(({ meta }) => JSON.stringify(meta)),
        ])
        if (rows[0]!.version === null) throw new Error('one call: version conflict')
        return rows[0]!.version
      },
      [Symbol.asyncDispose]: () => pool.end(),
    }
  },
}
