//! The migrations of the schema.

use std::sync::LazyLock;

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// The files of `migrations/` by version. They are listed here, since SQLx's macro would build SQLite a second time.
const FILES: [(i64, &str, &str); 7] = [
    (1, "experiments runs and points", include_str!("../../../migrations/0001_experiments_runs_and_points.sql")),
    (2, "tags and crashes", include_str!("../../../migrations/0002_tags_and_crashes.sql")),
    (3, "reading", include_str!("../../../migrations/0003_reading.sql")),
    (4, "fitted", include_str!("../../../migrations/0004_fitted.sql")),
    (5, "record", include_str!("../../../migrations/0005_record.sql")),
    (6, "strips", include_str!("../../../migrations/0006_strips.sql")),
    (7, "convergence rules", include_str!("../../../migrations/0007_convergence_rules.sql")),
];

/// All migrations in order.
pub static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let migration = |(version, description, sql): (i64, &'static str, &'static str)| {
        Migration::new(version, description.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator { migrations: FILES.into_iter().map(migration).collect(), ..Migrator::DEFAULT }
});

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_is_listed_under_its_version_and_name() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        let listed = FILES.map(|(version, name, _)| format!("{version:04}_{}.sql", name.replace(' ', "_")));
        assert_eq!(names, listed);
    }

    #[test]
    fn convergence_that_was_stored_before_there_were_several_rules_is_kept() {
        let rule = r#"{"tolerance":0.05,"confirm":3,"smooth":1,"min_improvement":0.01}"#;
        let rows = "insert into metric_def values ('ssim', '', 'higher', 0, '');
             insert into cell values ('0123456789abcdef', '{}', '');
             insert into run (id, cell, seed, settings, horizon, queued_at)
                 values (1, '0123456789abcdef', 1, '{}', 9, ''), (2, '0123456789abcdef', 2, '{}', 9, '');
             insert into series (id, run, metric) values (5, 1, 'ssim'), (6, 2, 'ssim');
             insert into convergence (series, rule, reached, after, censored_at, why)
                 values (5, ?1, 6, 4, null, null), (6, ?1, null, null, 9, 'unconfirmed');";
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        type Row = (i64, String, Option<i64>, Option<i64>, Option<String>, Option<f64>);
        let kept: Vec<Row> = runtime.block_on(async {
            use sqlx::Connection as _;
            let mut db = sqlx::SqliteConnection::connect("sqlite::memory:").await.unwrap();
            for (version, _, sql) in FILES {
                if version == 7 {
                    for statement in rows.split_inclusive(';') {
                        sqlx::query(statement).bind(rule).execute(&mut db).await.unwrap();
                    }
                }
                sqlx::raw_sql(sql).execute(&mut db).await.unwrap();
            }
            let text = "select series, rule, reached, censored_at, why, value from convergence order by series";
            sqlx::query_as(text).fetch_all(&mut db).await.unwrap()
        });
        let expected = [
            (5, rule.to_owned(), Some(6), None, None, None),
            (6, rule.to_owned(), None, Some(9), Some("unconfirmed".to_owned()), None),
        ];
        assert_eq!(kept, expected);
    }
}
