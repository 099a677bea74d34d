create table order_view (
  order_id text primary key,
  customer_id text not null,
  country text not null,
  status text not null,
  reason text,
  -- whether it ever was
  confirmed boolean not null default false,
  total_cents bigint not null,
  refunded_cents bigint not null default 0,
  -- pieces
  to_send bigint not null,
  sent bigint not null default 0,
  -- the invoice it was entered with
  invoice text,
  placed_at timestamptz not null,
  updated_at timestamptz not null
);
create index order_view_of_customer on order_view (customer_id, placed_at desc, order_id desc);

create table order_line (
  order_id text not null,
  line integer not null,
  sku text not null,
  quantity integer not null,
  price_cents bigint not null,
  primary key (order_id, line)
);
