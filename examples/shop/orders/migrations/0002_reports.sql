-- every line of every invoice, as it was written
create table received (
  invoice text not null,
  line integer not null,
  sku text not null,
  description text not null,
  quantity integer not null,
  price numeric(12, 3) not null,
  at timestamp not null,
  refused text,
  primary key (invoice, line)
);

create table invoice (
  invoice text primary key,
  kind text not null,
  order_id text,
  customer_id text,
  country text not null
);

-- Sums, by what they are about: everything (all), a month, a country, a product, a customer, a reason of refusal (reason).
-- side: sale, credit and adjustment are what was received; ordered, less cancelled and returned, is what was accepted; lost are lines of
-- invoices whose order came to nothing.
create table figure (
  dimension text not null,
  key text not null,
  side text not null,
  documents bigint not null,
  lines bigint not null,
  quantity bigint not null,
  amount numeric(20, 3) not null,
  primary key (dimension, key, side)
);

create table month_customer (
  month text not null,
  side text not null check (side in ('received', 'accepted')),
  customer_id text not null,
  primary key (month, side, customer_id)
);
