.mode column
.headers on
select method, state, count(*) as runs, sum(minutes) as minutes
from (select distinct run, method, state, minutes from runs) group by method, state;
select value as batch, count(distinct run) as runs from settings where key = 'train.batch' group by value;
