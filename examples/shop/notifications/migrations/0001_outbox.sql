create table recipient (
  customer_id text primary key,
  -- null while nobody of that id is known to users
  email text,
  name text
);

create table heard_order (
  order_id text primary key,
  customer_id text not null,
  items jsonb not null,
  total_cents bigint not null
);

create table outbox (
  notification_id text primary key,
  customer_id text not null references recipient,
  subject text not null,
  text text not null,
  written_at timestamptz not null,
  sent_at timestamptz,
  sent_to text,
  -- what the mail server said that will not take it
  refusal text
);
create index outbox_of_customer on outbox (customer_id, written_at desc, notification_id desc);
create index outbox_newest on outbox (written_at desc, notification_id desc);
