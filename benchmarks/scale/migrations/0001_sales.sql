-- the same twice, one for each version of the projection
create table line_1 (id text primary key, sale text not null, product text not null, quantity integer not null, at timestamptz not null);
create index line_1_newest on line_1 (product, at desc, id desc);
-- no index on a sum that every event changes, and room on each page: so an update stays on its page, and the table as small as its rows
create table total_1 (product text primary key, quantity bigint not null) with (fillfactor = 50);

create table line_2 (like line_1 including all);
create table total_2 (product text primary key, quantity bigint not null) with (fillfactor = 50);
