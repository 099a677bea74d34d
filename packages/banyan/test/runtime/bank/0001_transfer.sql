create table transfer (from_account text not null, to_account text not null, amount int not null check (amount < 1000));
