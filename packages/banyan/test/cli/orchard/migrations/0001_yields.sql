create table yields (
  tree text primary key,
  apples integer not null default 0,
  height integer not null default 0
);
