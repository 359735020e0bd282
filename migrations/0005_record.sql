-- The file says whose it is, and times are measured by a clock that nobody sets.

-- "jem" and a 1, where SQLite keeps the number of the program that a database belongs to.
pragma application_id = 1785031937;

-- Seconds that the attempt has taken, by a clock that never goes back, as of its last sign of life. Wall clocks are
-- set while runs train, so the difference of two times of day is no duration.
alter table attempt add column seconds real not null default 0 check (seconds >= 0);
-- How often the lease was renewed: an observer sees by this that the worker lives, whatever the clocks say.
alter table attempt add column renewals integer not null default 0 check (renewals >= 0);
-- How long the lease is at each renewal, in seconds.
alter table attempt add column lease_seconds real not null default 60 check (lease_seconds >= 0);

update attempt set seconds = max(0, coalesce(
    (julianday(coalesce(ended_at, min(lease_until, strftime('%Y-%m-%dT%H:%M:%fZ', 'now')))) - julianday(started_at))
        * 86400,
    0
));

drop index attempt_listing;
create index attempt_listing on attempt (run, fence, started_at, ended_at, lease_until, device, seconds);

drop view runs;

-- One row a run in an experiment, as a person asks for it: a run that two experiments have has a row in each, so a
-- count or a sum over all of them takes each `run` once. A run is stale when it is called running and its worker's lease
-- is over: no row says so, the clock does.
create view runs as
select
    run.id as run,
    newest_run.experiment as experiment,
    newest_run.method as method,
    run.seed as seed,
    case
        when run.state = 'running' and not exists (
            select 1 from attempt as a
            where a.run = run.id and a.fence = run.fence and a.lease_until > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
        ) then 'stale'
        else run.state
    end as state,
    run.epoch as epoch,
    run.horizon as epochs,
    (select min(a.started_at) from attempt as a where a.run = run.id) as started_at,
    run.ended_at as ended_at,
    (select sum(a.seconds) / 60 from attempt as a where a.run = run.id) as minutes,
    (select a.device from attempt as a where a.run = run.id order by a.fence desc limit 1) as device,
    newest_run.axes as axes,
    run.outcome as outcome,
    run.cell as cell,
    newest_run.position as position,
    (
        select group_concat(t.tag, ',') from (select tag from run_tag where run_tag.run = run.id order by tag) as t
    ) as tags,
    run.note as note,
    run.crashes as crashes
from newest_run
join run on run.id = newest_run.run
order by newest_run.experiment, newest_run.position, run.seed;
