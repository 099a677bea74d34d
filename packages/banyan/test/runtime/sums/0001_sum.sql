create table sum (name text primary key, amount integer not null);
insert into sum (name, amount) values ('heads', 0), ('tails', 0);
