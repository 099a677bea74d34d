create table note (
  id uuid primary key,
  tenant text not null default banyan_tenant(),
  text text not null
);
alter table note enable row level security;
alter table note force row level security;
create policy tenant on note using (tenant = banyan_tenant());

create table note_count (
  tenant text primary key default banyan_tenant(),
  notes int not null
);
alter table note_count enable row level security;
alter table note_count force row level security;
create policy tenant on note_count using (tenant = banyan_tenant());

-- runs with the rights of the owner, whom the policies bind as well
create view everything as select * from note;
