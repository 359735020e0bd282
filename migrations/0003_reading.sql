-- Reading a long record must not take long, and other tools read it through views that do not change under them.
-- The views of the first migration keep every column they had; what is new stands at the end.

-- Every setting of every run as a row of its own, so that "which runs have a batch of 32" is one look into an index
-- and not ten thousand JSON texts to parse. `run.settings` stays what counts: triggers alone write here.
create table run_setting (
    run integer not null references run (id) on delete cascade,
    key text not null,
    value any not null,
    origin text not null,
    primary key (run, key)
) strict, without rowid;

create index run_setting_by_key on run_setting (key, value, run);

create trigger run_setting_added after insert on run
begin
    insert into run_setting (run, key, value, origin)
    select new.id, setting.key,
        case json_type(setting.value, '$.value')
            when 'true' then 'true' when 'false' then 'false' else json_extract(setting.value, '$.value')
        end,
        coalesce(json_extract(setting.value, '$.from'), '')
    from json_each(new.settings) as setting;
end;

create trigger run_setting_changed after update of settings on run when new.settings <> old.settings
begin
    delete from run_setting where run = new.id;
    insert into run_setting (run, key, value, origin)
    select new.id, setting.key,
        case json_type(setting.value, '$.value')
            when 'true' then 'true' when 'false' then 'false' else json_extract(setting.value, '$.value')
        end,
        coalesce(json_extract(setting.value, '$.from'), '')
    from json_each(new.settings) as setting;
end;

insert into run_setting (run, key, value, origin)
select run.id, setting.key,
    case json_type(setting.value, '$.value')
        when 'true' then 'true' when 'false' then 'false' else json_extract(setting.value, '$.value')
    end,
    coalesce(json_extract(setting.value, '$.from'), '')
from run, json_each(run.settings) as setting;

-- A row of `run` is as long as its settings. Listings read this index instead, which holds all they need.
create index run_listing on run (cell, seed, state, epoch, horizon, fence, crashes, ended_at);
create index run_with_outcome on run (id, outcome) where outcome <> '';
create index run_with_note on run (id, note) where note <> '';
create index attempt_listing on attempt (run, fence, started_at, ended_at, lease_until, device);
create index series_by_metric on series (metric, protocol, run);
create index revision_by_cell on revision_cell (cell, revision);
create index event_by_run on event (run, id);
create index artifact_by_run on artifact (run, kind);

drop view convergence_epochs;
drop view evaluations;
drop view metrics;
drop view runs;

-- Which runs every experiment shows now, and under which label: those of its newest revision.
create view newest_run as
select experiment.name as experiment, revision_cell.method as method, revision_cell.position as position,
    revision_cell.axes as axes, run.id as run
from newest_revision
join experiment on experiment.id = newest_revision.experiment
join revision_cell on revision_cell.revision = newest_revision.id
join json_each(revision_cell.seeds) as wanted
join run on run.cell = revision_cell.cell and run.seed = wanted.value;

-- One row a run, as a person asks for it. A run is stale when it is called running and its worker's lease is over:
-- no row says so, the clock does.
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
    (
        select round(sum(julianday(coalesce(a.ended_at, min(a.lease_until, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))))
            - julianday(a.started_at)) * 1440, 1)
        from attempt as a where a.run = run.id
    ) as minutes,
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

-- One row a setting of a run: its value, and where that came from.
create view settings as
select newest_run.experiment, newest_run.method, run.seed, run.id as run, run_setting.key, run_setting.value,
    run_setting.origin
from newest_run
join run on run.id = newest_run.run
join run_setting on run_setting.run = run.id;

-- One row a training metric and epoch.
create view metrics as
select newest_run.experiment, newest_run.method, run.seed, run.id as run, series.metric, point.epoch, point.step,
    point.value, point.nonfinite
from newest_run
join run on run.id = newest_run.run
join series on series.run = run.id and series.protocol = 'none'
join point on point.series = series.id;

-- One row a measure on held-out items and epoch, with the protocol that makes it comparable.
create view evaluations as
select newest_run.experiment, newest_run.method, run.seed, run.id as run, series.metric, series.protocol,
    point.epoch, point.step, point.value, point.nonfinite
from newest_run
join run on run.id = newest_run.run
join series on series.run = run.id and series.protocol <> 'none'
join point on point.series = series.id;

-- One row a metric of a run: its last value, and its best where one end is better. Reads no points, so it is quick.
create view summaries as
select newest_run.experiment, newest_run.method, run.seed, run.id as run, series.metric, series.protocol,
    summary.last, summary.last_epoch,
    case metric_def.direction when 'lower' then summary.min when 'higher' then summary.max end as best,
    case
        when metric_def.direction = 'lower' and summary.min is not null then summary.min_epoch
        when metric_def.direction = 'higher' and summary.max is not null then summary.max_epoch
    end as best_epoch,
    metric_def.direction
from newest_run
join run on run.id = newest_run.run
join series on series.run = run.id
join summary on summary.series = series.id
join metric_def on metric_def.name = series.metric;

-- One row a convergence: the epoch, or at which epoch and why it is unknown.
create view convergence_epochs as
select newest_run.experiment, newest_run.method, run.seed, run.id as run, series.metric, convergence.reached,
    convergence.after, convergence.censored_at, convergence.why, convergence.rule
from newest_run
join run on run.id = newest_run.run
join series on series.run = run.id
join convergence on convergence.series = series.id;
