create table stock_level (
  sku text primary key,
  available integer not null,
  reserved integer not null
);

create table movement (
  -- the id of the event it is made of, which orders movements by time
  id text primary key,
  sku text not null,
  kind text not null check (kind in ('received', 'reserved', 'released', 'sold')),
  quantity integer not null check (quantity > 0),
  reference text not null,
  at timestamptz not null
);
create index movement_by_sku on movement (sku, id);
