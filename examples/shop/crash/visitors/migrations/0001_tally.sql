create table tally (kind text primary key, count integer not null);
insert into tally (kind, count) values ('counted', 0), ('heard', 0), ('seen', 0);
