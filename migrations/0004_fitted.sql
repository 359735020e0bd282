-- Weights that jem fitted itself are known by their recipe before a run begins. Which file they turned out to be is noted
-- here, so that runs of one recipe and two files are not taken for the same.

create table fitted (
    run integer not null references run (id) on delete cascade,
    -- The setting that asked for it, such as guide.weights.
    setting text not null check (setting <> ''),
    -- All that the file follows from.
    recipe text not null check (recipe <> ''),
    sha256 text not null check (length(sha256) = 64),
    -- How it came about: classes, images, epochs, held-out scores.
    record text not null check (json_valid(record)),
    attempt integer not null references attempt (id) on delete cascade,
    primary key (run, setting)
) strict, without rowid;
