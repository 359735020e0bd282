-- A crashed worker's run is tried again, but not for ever, and people mark runs in their own words.

-- How often the process of a run was lost or killed since the run was last queued by a person.
alter table run add column crashes integer not null default 0 check (crashes >= 0);

create table run_tag (
    run integer not null references run (id) on delete cascade,
    tag text not null check (tag <> '' and tag = trim(tag)),
    primary key (run, tag)
) strict, without rowid;

create index run_by_tag on run_tag (tag, run);
