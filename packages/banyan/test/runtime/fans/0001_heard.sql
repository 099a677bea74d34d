create table heard (event uuid primary key, account text not null);
