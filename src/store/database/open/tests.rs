use std::path::PathBuf;

use sqlx::migrate::Migrator;

use super::*;
use crate::store::RunId;
use crate::store::fixture;

/// A folder, and a path of a database in it.
fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jem.db");
    (folder, path)
}

/// The names in a folder, sorted.
fn names(folder: &tempfile::TempDir) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path()).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Creates a SQLite database with these statements, in any journal mode.
fn sqlite(path: &Path, statements: &'static str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        use sqlx::{ConnectOptions as _, Connection as _};
        let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
        let mut connection = options.connect().await.unwrap();
        sqlx::raw_sql(statements).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    });
}

#[test]
fn a_file_that_is_not_a_jem_database_is_refused_and_unchanged() {
    let (folder, path) = place();
    let foreign = |statements| {
        sqlite(&path, statements);
        std::fs::read(&path).unwrap()
    };
    let cases: [(&str, Vec<u8>); 7] = [
        ("text", b"these are my notes, not yours".to_vec()),
        ("short", b"SQLite format 3\0".to_vec()),
        ("empty", Vec::new()),
        ("study", foreign("create table studies (study_name text); insert into studies values ('s')")),
        ("clash", foreign("drop table studies; create table runs (run_uuid text)")),
        ("numbered", foreign("pragma application_id = 1196444487")),
        ("logged", foreign("pragma application_id = 0; pragma journal_mode = wal")),
    ];
    std::fs::remove_file(&path).unwrap();
    for (name, bytes) in cases {
        std::fs::write(&path, &bytes).unwrap();
        for open in [Store::create, Store::open, Store::open_to_read] {
            let refused = open(&path).err().unwrap_or_else(|| panic!("{name} was opened"));
            let known = match name {
                "text" | "short" => matches!(refused, StoreError::NotADatabase { .. }),
                "empty" => matches!(refused, StoreError::Empty { .. }),
                _ => matches!(refused, StoreError::Foreign { .. }),
            };
            assert!(known, "{name}: {refused}");
        }
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "{name}");
        assert_eq!(names(&folder), ["jem.db"], "{name}");
    }
}

#[test]
fn only_create_creates_a_database() {
    let (folder, path) = place();
    for open in [Store::open, Store::open_to_read] {
        assert!(matches!(open(&path), Err(StoreError::Missing { .. })));
    }
    assert_eq!(names(&folder), Vec::<String>::new());
    drop(Store::create(&path).unwrap());
    assert_eq!(DatabaseKind::of(&path).unwrap(), DatabaseKind::Jem);
    for open in [Store::open, Store::open_to_read] {
        assert!(open(&path).unwrap().experiments().unwrap().is_empty());
    }
}

#[test]
fn a_closed_database_is_one_file() {
    let (folder, path) = place();
    let (first, second) = (Store::create(&path).unwrap(), Store::open_to_read(&path).unwrap());
    first.enqueue(&fixture::revision(&["plain"])).unwrap();
    drop(first);
    // The reader is the last to close.
    assert_eq!(second.runs("sweep").unwrap().len(), 2);
    drop(second);
    assert_eq!(names(&folder), ["jem.db", "jem.db.lock"]);
    let copy = folder.path().join("copy.db");
    std::fs::copy(&path, &copy).unwrap();
    assert_eq!(Store::open_to_read(&copy).unwrap().runs("sweep").unwrap().len(), 2);
}

#[test]
fn the_log_of_a_killed_process_is_moved_into_the_database_by_a_reader() {
    let (folder, path) = place();
    let store = Store::create(&path).unwrap();
    store.enqueue(&fixture::revision(&["plain"])).unwrap();
    // The files as a killed process leaves them.
    for suffix in ["", "-wal"] {
        std::fs::copy(sibling(&path, suffix), sibling(&folder.path().join("killed.db"), suffix)).unwrap();
    }
    drop(store);
    let killed = folder.path().join("killed.db");
    assert_eq!(Store::open_to_read(&killed).unwrap().runs("sweep").unwrap().len(), 2);
    assert_eq!(names(&folder), ["jem.db", "jem.db.lock", "killed.db"]);
    let alone = folder.path().join("alone.db");
    std::fs::copy(&killed, &alone).unwrap();
    assert_eq!(Store::open_to_read(&alone).unwrap().runs("sweep").unwrap().len(), 2);
}

#[test]
fn every_earlier_schema_is_migrated_and_a_later_one_is_refused() {
    let newest = MIGRATIONS.iter().count();
    for count in 1..newest {
        let (_folder, path) = place();
        let options = write_options(&path).create_if_missing(true);
        let earlier = Migrator { migrations: MIGRATIONS.iter().take(count).cloned().collect(), ..Migrator::DEFAULT };
        let store = Store::connect(&path, &options, TIMEOUT).unwrap();
        store.runtime.block_on(earlier.run(&store.pool)).unwrap();
        drop(store);
        // The fifth migration sets the application id.
        let kind = if count < 5 { DatabaseKind::Unnamed } else { DatabaseKind::Jem };
        assert_eq!(DatabaseKind::of(&path).unwrap(), kind, "{count}");
        let opened = if count % 2 == 0 { Store::open(&path) } else { Store::open_to_read(&path) };
        assert!(opened.unwrap().is_current().unwrap(), "{count}");
        assert_eq!(DatabaseKind::of(&path).unwrap(), DatabaseKind::Jem, "{count}");
    }
    let (_folder, path) = place();
    drop(Store::create(&path).unwrap());
    sqlite(&path, "insert into _sqlx_migrations values (99, 'later', '', 1, x'00', 0)");
    for open in [Store::create, Store::open, Store::open_to_read] {
        assert!(matches!(open(&path), Err(StoreError::Newer { .. })));
    }
}

#[test]
fn a_moved_or_replaced_database_is_not_written() {
    let (folder, path) = place();
    let store = Store::create(&path).unwrap();
    let revision = fixture::revision(&["plain"]);
    let elsewhere = folder.path().join("elsewhere.db");
    std::fs::rename(&path, &elsewhere).unwrap();
    assert!(matches!(store.enqueue(&revision), Err(StoreError::Moved { .. })));
    // Another database of the same name is in use: closing the first must not delete the second's log.
    let other = Store::create(&path).unwrap();
    other.enqueue(&revision).unwrap();
    assert!(matches!(store.enqueue(&revision), Err(StoreError::Moved { .. })));
    drop(store);
    assert!(sibling(&path, "-wal").exists());
    drop(other);
    assert_eq!(Store::open_to_read(&path).unwrap().runs("sweep").unwrap().len(), 2);
}

#[test]
fn a_failed_write_is_rolled_back_and_the_next_one_works() {
    let (_folder, path) = place();
    let store = Store::create(&path).unwrap();
    let revision = fixture::revision(&["plain"]);
    let sql = |statement: &'static str| store.write("test", async |db| sqlx::raw_sql(statement).execute(db).await);
    // SQLite itself rolls back here, as it does when the disk is full.
    let refused = sql("insert into protocol (id, json) values ('a', '{}');
        insert or rollback into protocol (id, json) values ('none', '{}')");
    assert!(matches!(refused, Err(StoreError::Sql { .. })));
    let refused = sql("insert into protocol (id, json) values ('a', '{}'); insert into protocol values ('none', '{}')");
    assert!(refused.unwrap_err().help().is_none());
    store.enqueue(&revision).unwrap();
    assert!(store.protocols().unwrap().is_empty(), "the rows before the refused one are rolled back too");
    assert_eq!(store.runs("sweep").unwrap().len(), 2);
}

#[test]
fn a_full_disk_is_reported() {
    let (_folder, path) = place();
    let store = Store::create(&path).unwrap();
    let sql = |statement: &'static str| store.write("test", async |db| sqlx::raw_sql(statement).execute(db).await);
    let pages = |count: i64| {
        let statement = format!("pragma max_page_count = {count}");
        let set = sqlx::query(sqlx::AssertSqlSafe(statement));
        store.read("test", async |db| set.execute(db).await).unwrap();
    };
    pages(1);
    let refused = sql("insert into picture values ('big', zeroblob(4000000))").unwrap_err();
    let StoreError::Sql { source, .. } = &refused else { panic!("{refused}") };
    assert_eq!(source.kind(), ErrorKind::Full);
    assert!(refused.help().is_some());
    pages(1 << 20);
    sql("insert into picture values ('big', zeroblob(4000000))").unwrap();
}

#[test]
fn the_caller_decides_how_long_to_wait_for_a_lock() {
    let (_folder, path) = place();
    drop(Store::create(&path).unwrap());
    let other = Store::open(&path).unwrap();
    let calls = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = calls.clone();
    let store = Store::open(&path).unwrap();
    store.set_lock_wait(move |_| count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0);
    let revision = fixture::revision(&["plain"]);
    let while_locked = |during: &dyn Fn() -> StoreError| {
        let (locked, is_locked) = std::sync::mpsc::channel();
        let (release, is_released) = std::sync::mpsc::channel::<()>();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                other.write("test", async |_| {
                    locked.send(()).unwrap();
                    // Returns when the sender is dropped.
                    let _released = is_released.recv();
                    Ok(())
                })
            });
            is_locked.recv().unwrap();
            let result = during();
            drop(release);
            result
        })
    };
    let refused = while_locked(&|| store.enqueue(&revision).unwrap_err());
    assert!(matches!(refused, StoreError::Sql { source, .. } if source.kind() == ErrorKind::Locked));
    assert_eq!(calls.load(std::sync::atomic::Ordering::SeqCst), 2, "it continued waiting once");
    store.enqueue(&revision).unwrap();
    assert_eq!(store.reclaim(&mut Default::default(), 2).unwrap(), []);
    assert_eq!(store.run(RunId(1)).unwrap().unwrap().seed, 1);
}

#[test]
fn readers_and_writers_can_open_and_close_at_the_same_time() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..20 {
        let path = folder.path().join(format!("{round}.db"));
        drop(Store::create(&path).unwrap());
        let visit = |open: fn(&Path) -> Result<Store, StoreError>| {
            for _ in 0..5 {
                open(&path).unwrap().runs("sweep").unwrap();
            }
        };
        std::thread::scope(|scope| {
            for open in [Store::create, Store::open_to_read, Store::open, Store::open_to_read] {
                scope.spawn(move || visit(open));
            }
        });
    }
}
