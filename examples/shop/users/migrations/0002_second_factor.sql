-- what an authenticator app shares with the shop; whether it counts is in the log
create table second_factor (
  user_id text primary key references account,
  -- encrypted as a field: needed as it is, and of no use to who reads this table
  secret text not null
);

create table recovery_code (
  user_id text not null references account,
  -- SHA-256 of 79 random bits; removed when its code is used
  hash text not null,
  primary key (user_id, hash)
);

-- a password was right, and a second factor is yet to be shown
create table challenge (
  -- SHA-256, like that of a refresh token
  hash text primary key,
  user_id text not null references account,
  expires_at timestamptz not null,
  wrong integer not null
);
create index challenge_of_account on challenge (user_id);

-- how whoever began the session has shown who they are (RFC 8176)
alter table session add amr text[] not null default '{pwd}';
