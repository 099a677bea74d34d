create table bare (id int primary key, tenant text not null);
create table lax (id int primary key, tenant text not null);
alter table lax enable row level security;
create policy tenant on lax using (tenant = banyan_tenant());
create table shared (id int primary key);
