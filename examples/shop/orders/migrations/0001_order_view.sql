create table order_view (
  order_id text primary key,
  customer_id text not null,
  status text not null,
  reason text,
  total_cents integer not null,
  placed_at timestamptz not null,
  updated_at timestamptz not null
);
create index order_view_of_customer on order_view (customer_id, placed_at desc, order_id desc);

create table order_line (
  order_id text not null references order_view,
  sku text not null,
  quantity integer not null,
  primary key (order_id, sku)
);
