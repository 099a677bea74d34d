create table product (
  sku text primary key,
  name text not null,
  description text not null,
  -- words only: how PostgreSQL takes TEA-001 or 10.5 apart depends on what surrounds them
  words tsvector not null generated always as (to_tsvector('simple', regexp_replace(sku || ' ' || name || ' ' || description, '[^[:alnum:]]+', ' ', 'g'))) stored
);
create index product_words on product using gin (words);

-- a price holds until a later one does
create table price (
  sku text not null references product,
  valid_from timestamptz not null,
  cents integer not null check (cents > 0),
  primary key (sku, valid_from)
);
