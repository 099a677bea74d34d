create table shipment (
  order_id text primary key,
  customer_id text not null default '',
  country text not null default '',
  ship text not null default 'held',
  -- pieces; less than none while only what was withdrawn is known of it
  to_send bigint not null,
  parcels integer not null default 0
);
create index shipment_open on shipment (order_id) where to_send > 0;

create table parcel (
  tracking text primary key,
  order_id text not null,
  parcel integer not null,
  dispatched_at timestamptz not null,
  delivered_at timestamptz,
  unique (order_id, parcel)
);

-- pieces by product, ever
create table flow (
  sku text not null,
  way text not null check (way in ('requested', 'withdrawn', 'dispatched')),
  pieces bigint not null,
  primary key (sku, way)
);
