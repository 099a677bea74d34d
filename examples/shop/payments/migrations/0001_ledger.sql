create table payment_ledger (
  -- the id of the event it is made of
  id text primary key,
  order_id text not null,
  kind text not null check (kind in ('captured', 'refunded')),
  -- the provider's charge; for what a part was paid back
  reference text not null,
  cents bigint not null check (cents > 0),
  at timestamptz not null,
  -- money moves once for each reason
  unique (order_id, kind, reference)
);
-- an order is paid for once
create unique index payment_ledger_captured on payment_ledger (order_id) where kind = 'captured';
