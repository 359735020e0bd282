import sqlite3

import pandas

with sqlite3.connect("file:jem.db?mode=ro", uri=True) as record:
    ssim = pandas.read_sql("select distinct run, method, seed, last, best from summaries where metric = 'ssim'", record)
print(ssim.groupby("method").best.agg(["mean", "std", "count"]))
