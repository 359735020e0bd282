-- Image grids of a fourth role: interpolation strips, from the end of a run. A check constraint cannot be changed, so
-- the table is written again. And the views of values name the cell of the run, as `runs` does.

create table new_run_picture (
    run integer not null references run (id) on delete cascade,
    epoch integer not null check (epoch >= 0),
    role text not null check (role in ('samples', 'originals', 'guides', 'strips')),
    protocol text not null references protocol (id),
    picture text not null references picture (hash),
    columns integer not null check (columns >= 1),
    tile integer not null check (tile >= 1),
    attempt integer not null references attempt (id),
    primary key (run, epoch, role)
) strict;

insert into new_run_picture (run, epoch, role, protocol, picture, columns, tile, attempt)
select run, epoch, role, protocol, picture, columns, tile, attempt from run_picture;

drop table run_picture;

alter table new_run_picture rename to run_picture;

drop view evaluations;

create view evaluations as
select newest_run.experiment, newest_run.method, run.seed, run.id as run, series.metric, series.protocol,
    point.epoch, point.step, point.value, point.nonfinite, run.cell
from newest_run
join run on run.id = newest_run.run
join series on series.run = run.id and series.protocol <> 'none'
join point on point.series = series.id;

drop view summaries;

create view summaries as
select newest_run.experiment, newest_run.method, run.seed, run.id as run, series.metric, series.protocol,
    summary.last, summary.last_epoch,
    case metric_def.direction when 'lower' then summary.min when 'higher' then summary.max end as best,
    case
        when metric_def.direction = 'lower' and summary.min is not null then summary.min_epoch
        when metric_def.direction = 'higher' and summary.max is not null then summary.max_epoch
    end as best_epoch,
    metric_def.direction, run.cell
from newest_run
join run on run.id = newest_run.run
join series on series.run = run.id
join summary on summary.series = series.id
join metric_def on metric_def.name = series.metric;
