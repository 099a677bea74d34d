create table order_view (
  order_id text primary key,
  customer_id text not null,
  status text not null,
  total integer not null
);
create index order_view_of_customer on order_view (customer_id, order_id desc);
