import sqlite3

import duckdb
import pandas

with sqlite3.connect("file:jem.db?mode=ro", uri=True) as record:
    curves = pandas.read_sql("select distinct run, method, epoch, value from evaluations where metric = 'ssim'", record)
print(duckdb.sql("select method, epoch, avg(value) as mean, count(*) as runs from curves group by all order by all"))
