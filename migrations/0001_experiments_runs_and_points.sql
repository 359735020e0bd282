-- The whole record of jem: what was to be compared, what ran, and what was measured.
-- Tables are strict, so that a column holds what it says. No column of a uniqueness key may be null: two nulls
-- are never equal in SQL, and a key with one in it would keep nothing unique.

-- An experiment is a file; its name is the identity that reports use.
create table experiment (
    id integer primary key,
    name text not null unique check (name <> ''),
    title text not null,
    created_at text not null
) strict;

-- An edited file is a new revision; older revisions and their cells stay.
create table experiment_revision (
    id integer primary key,
    experiment integer not null references experiment (id) on delete cascade,
    number integer not null check (number >= 1),
    text text not null,
    hash text not null,
    created_at text not null,
    unique (experiment, number)
) strict;

-- A cell is every setting but the seed. Its id is the hash of what is distinct about it.
create table cell (
    id text primary key check (length(id) = 16),
    identity text not null check (json_valid(identity)),
    created_at text not null
) strict;

-- One cell may appear in many revisions and experiments, under a label of each one's own.
create table revision_cell (
    revision integer not null references experiment_revision (id) on delete cascade,
    cell text not null references cell (id),
    method text not null,
    position integer not null,
    axes text not null check (json_valid(axes)),
    seeds text not null check (json_valid(seeds)),
    primary key (revision, cell)
) strict;

-- A run is a cell with a seed. `fence` counts its attempts: a write that names an older one is refused.
create table run (
    id integer primary key,
    cell text not null references cell (id),
    seed integer not null check (seed >= 0),
    state text not null default 'queued'
        check (state in ('queued', 'running', 'finished', 'diverged', 'failed', 'cancelled')),
    settings text not null check (json_valid(settings)),
    horizon integer not null check (horizon >= 1),
    epoch integer not null default 0 check (epoch >= 0),
    step integer not null default 0 check (step >= 0),
    priority integer not null default 0,
    fence integer not null default 0,
    outcome text not null default '',
    weights text not null default '',
    note text not null default '',
    queued_at text not null,
    ended_at text,
    unique (cell, seed)
) strict;

create index run_queue on run (state, priority desc, id);

-- Which state may follow which, held by the database so that no program error can break it.
create trigger run_state_transition before update of state on run
when new.state <> old.state and not (
    (old.state = 'queued' and new.state in ('running', 'cancelled'))
    or (old.state = 'running' and new.state in ('queued', 'finished', 'diverged', 'failed', 'cancelled'))
    or (old.state in ('finished', 'failed', 'cancelled') and new.state = 'queued')
)
begin
    select raise(abort, 'that state cannot follow this one');
end;

-- A worker's hold on a run. It lives while its lease does, or while its process does.
create table attempt (
    id integer primary key,
    run integer not null references run (id) on delete cascade,
    fence integer not null,
    host text not null,
    pid integer not null,
    process_start integer not null,
    device text not null,
    lease_until text not null,
    started_at text not null,
    ended_at text,
    ending text not null default '',
    unique (run, fence)
) strict;

create table metric_def (
    name text primary key,
    unit text not null,
    direction text not null check (direction in ('lower', 'higher', 'neutral')),
    volatile integer not null check (volatile in (0, 1)),
    about text not null
) strict;

-- How an evaluation was made. The row `none` stands for metrics that need no protocol.
create table protocol (
    id text primary key,
    json text not null check (json_valid(json))
) strict;

insert into protocol (id, json) values ('none', '{}');

create table series (
    id integer primary key,
    run integer not null references run (id) on delete cascade,
    metric text not null references metric_def (name),
    protocol text not null default 'none' references protocol (id),
    unique (run, metric, protocol)
) strict;

-- SQLite stores a NaN as null, so `nonfinite` keeps which one it was.
create table point (
    series integer not null references series (id) on delete cascade,
    epoch integer not null check (epoch >= 0),
    step integer not null check (step >= 0),
    value real,
    nonfinite text check (nonfinite in ('nan', 'inf', '-inf')),
    attempt integer not null references attempt (id),
    check ((value is null) = (nonfinite is not null)),
    primary key (series, epoch, step)
) strict, without rowid;

create table summary (
    series integer primary key references series (id) on delete cascade,
    last real, last_epoch integer not null,
    min real, min_epoch integer not null,
    max real, max_epoch integer not null
) strict;

create table packed_series (
    series integer primary key references series (id) on delete cascade,
    blob blob not null,
    hash text not null
) strict;

-- Either the epoch by which a series had converged (the true one lies after `after`), or why none is known.
create table convergence (
    series integer not null references series (id) on delete cascade,
    rule text not null check (json_valid(rule)),
    reached integer,
    after integer,
    censored_at integer,
    why text,
    check ((reached is null) = (censored_at is not null)),
    check ((reached is null) = (why is not null)),
    check ((reached is null) = (after is null)),
    primary key (series, rule)
) strict;

create table picture (
    hash text primary key,
    png blob not null
) strict;

-- A picture of a run: square tiles of side `tile`, in rows of `columns`, in the order of the protocol's items.
create table run_picture (
    run integer not null references run (id) on delete cascade,
    epoch integer not null check (epoch >= 0),
    role text not null check (role in ('samples', 'originals', 'guides')),
    protocol text not null references protocol (id),
    picture text not null references picture (hash),
    columns integer not null check (columns >= 1),
    tile integer not null check (tile >= 1),
    attempt integer not null references attempt (id),
    primary key (run, epoch, role)
) strict;

-- A file that belongs to a run. A file without a row is rubbish, whatever its name.
create table artifact (
    id integer primary key,
    run integer not null references run (id) on delete cascade,
    attempt integer not null references attempt (id),
    kind text not null check (kind in ('last', 'best', 'kept')),
    epoch integer not null,
    step integer not null,
    path text not null unique,
    sha256 text not null,
    bytes integer not null,
    created_at text not null
) strict;

create table event (
    id integer primary key,
    run integer not null references run (id) on delete cascade,
    attempt integer references attempt (id),
    at text not null,
    kind text not null,
    text text not null
) strict;

create table provenance (
    attempt integer primary key references attempt (id) on delete cascade,
    json text not null check (json_valid(json))
) strict;

-- The newest revision of each experiment.
create view newest_revision as
select r.id, r.experiment, r.number
from experiment_revision as r
where r.number = (select max(n.number) from experiment_revision as n where n.experiment = r.experiment);

-- One row a run, as a person asks for it.
create view runs as
select
    run.id as run,
    experiment.name as experiment,
    revision_cell.method as method,
    run.seed as seed,
    run.state as state,
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
    revision_cell.axes as axes,
    run.outcome as outcome,
    run.cell as cell,
    revision_cell.position as position
from newest_revision
join experiment on experiment.id = newest_revision.experiment
join revision_cell on revision_cell.revision = newest_revision.id
join run on run.cell = revision_cell.cell
    and run.seed in (select value from json_each(revision_cell.seeds))
order by experiment.name, revision_cell.position, run.seed;

-- One row a training metric and epoch.
create view metrics as
select runs.experiment, runs.method, runs.seed, runs.run, series.metric, point.epoch, point.step,
    point.value, point.nonfinite
from runs
join series on series.run = runs.run and series.protocol = 'none'
join point on point.series = series.id;

-- One row a measure on held-out items and epoch, with the protocol that makes it comparable.
create view evaluations as
select runs.experiment, runs.method, runs.seed, runs.run, series.metric, series.protocol,
    point.epoch, point.step, point.value, point.nonfinite
from runs
join series on series.run = runs.run and series.protocol <> 'none'
join point on point.series = series.id;

-- One row a convergence: the epoch, or at which epoch and why it is unknown.
create view convergence_epochs as
select runs.experiment, runs.method, runs.seed, runs.run, series.metric, convergence.reached,
    convergence.after, convergence.censored_at, convergence.why, convergence.rule
from runs
join series on series.run = runs.run
join convergence on convergence.series = series.id;
