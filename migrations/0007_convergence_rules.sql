-- More rules than one: some give a number for a whole curve instead of an epoch, and convergence has a cost.

drop view convergence_epochs;
alter table convergence rename to convergence_before;

-- The result of one rule for one series, either of:
-- the epoch by which the series had converged (the true one lies after `after`),
-- the epoch at which it was last seen without, and why none is known,
-- a number, for a rule that gives one.
-- The rule is JSON, and the same rule is always the same text.
create table convergence (
    series integer not null references series (id) on delete cascade,
    rule text not null check (json_valid(rule)),
    reached integer,
    after integer,
    censored_at integer,
    why text,
    value real,
    -- Training images seen up to that epoch, with repetition.
    images integer check (images >= 0),
    -- Seconds of training up to that epoch, on the run's device, without evaluations.
    device_seconds real check (device_seconds >= 0),
    check ((reached is not null) + (censored_at is not null) + (value is not null) = 1),
    check ((censored_at is null) = (why is null)),
    check ((reached is null) = (after is null)),
    primary key (series, rule)
) strict;

insert into convergence (series, rule, reached, after, censored_at, why)
select series, rule, reached, after, censored_at, why from convergence_before;

drop table convergence_before;

-- One row a rule and series of a run: the epoch, or at which epoch and why it is unknown, or the number.
create view convergence_epochs as
select newest_run.experiment, newest_run.method, run.seed, run.id as run, series.metric, convergence.reached,
    convergence.after, convergence.censored_at, convergence.why, convergence.rule, series.protocol, convergence.value,
    convergence.images, convergence.device_seconds
from newest_run
join run on run.id = newest_run.run
join series on series.run = run.id
join convergence on convergence.series = series.id;
