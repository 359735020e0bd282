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
}
