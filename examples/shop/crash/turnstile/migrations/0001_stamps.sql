create table stamps (count integer not null);
insert into stamps (count) values (0);
