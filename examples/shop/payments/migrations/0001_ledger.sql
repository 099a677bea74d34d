create table payment_ledger (
  -- the id of the event it is made of
  id text primary key,
  order_id text not null,
  kind text not null check (kind in ('captured', 'refunded')),
  cents integer not null check (cents > 0),
  at timestamptz not null,
  -- money moves once each way
  unique (order_id, kind)
);
