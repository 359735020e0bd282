.mode column
.headers on
select method, state, count(*) as runs, sum(minutes) as minutes from runs group by method, state;
select value as batch, count(*) as runs from settings where key = 'train.batch' group by value;
