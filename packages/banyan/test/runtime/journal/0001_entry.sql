create table entry (text text not null);
