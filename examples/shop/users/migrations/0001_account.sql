create table account (
  user_id text primary key,
  -- lower case, without spaces around it
  email text not null unique check (email = lower(btrim(email))),
  name text not null,
  -- PHC string: algorithm, parameters, salt and hash
  password text not null,
  roles text[] not null,
  registered_at timestamptz not null
);

create table address (
  user_id text not null references account,
  label text not null,
  recipient text not null,
  street text not null,
  postal_code text not null,
  city text not null,
  country text not null,
  primary key (user_id, label)
);

-- a log-in, and the family of the refresh tokens that follow from it
create table session (
  session_id text primary key,
  user_id text not null references account,
  started_at timestamptz not null,
  -- good for so long unless it is refreshed
  expires_at timestamptz not null,
  ended_at timestamptz
);
create index session_of_account on session (user_id);

create table refresh_token (
  -- SHA-256; who reads this table cannot log in with it
  hash text primary key,
  session_id text not null references session on delete cascade,
  used_at timestamptz
);
create index refresh_token_of_session on refresh_token (session_id);

create table signing_key (
  -- two processes that make the next key at once make one
  generation integer primary key,
  kid text not null unique,
  private_jwk jsonb not null,
  public_jwk jsonb not null,
  -- known to others before, so that nobody meets a token whose key is news
  signs_from timestamptz not null
);
