create table heard (event uuid primary key, account text not null);
create table given (account text primary key, amount integer not null);
