create table show (
  show_id text primary key,
  title text not null,
  seats_left integer not null check (seats_left >= 0)
);
