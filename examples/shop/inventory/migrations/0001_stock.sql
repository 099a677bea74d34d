create table stock_level (
  sku text primary key,
  available bigint not null,
  reserved bigint not null
);

create table movement (
  sku text not null,
  -- the id of the event it is made of, which orders movements by time
  id text not null,
  kind text not null check (kind in ('received', 'reserved', 'released', 'sold', 'returned')),
  quantity integer not null check (quantity > 0),
  reference text not null,
  at timestamptz not null,
  primary key (sku, id)
);
