create table account (name text primary key, holder text not null, amount int not null);
create table total (one boolean primary key default true, amount bigint not null);
