//! Opening: what is created, what is copied first, and what is refused and left as it is.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crm_sync_domain::Platform;
use crm_sync_store::{Store, StoreError};
use sqlx::SqlitePool;

use crate::released;
use crate::support::{Cache, commit, listing, new_message, seen};

async fn open(database: &Path) -> Result<Store, StoreError> {
    Store::open(database, &database.with_file_name("backups")).await
}

async fn sql(database: &Path) -> SqlitePool {
    SqlitePool::connect(&format!("sqlite:{}", database.display())).await.unwrap()
}

fn files(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder)
        .map(|entries| {
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
        })
        .unwrap_or_default()
}

#[tokio::test]
async fn what_was_stored_is_there_after_closing_and_opening() {
    let cache = Cache::new().await;
    let id = cache.listed("a").await;
    cache.store.commit_thread(&commit(1, id, vec![new_message("hi")])).await.unwrap();
    cache.store.close().await;
    let again = cache.another().await;
    assert_eq!(again.thread(id).await.unwrap().len(), 1);
    assert_eq!(files(&cache.folder.path().join("backups")), BTreeSet::new());
}

#[cfg(unix)]
#[tokio::test]
async fn the_database_is_its_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt;
    let cache = Cache::new().await;
    cache.listed("a").await;
    let files = files(cache.folder.path());
    assert!(files.contains("cache.db-wal"), "{files:?}");
    for file in files {
        let mode = fs::metadata(cache.folder.path().join(&file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[tokio::test]
async fn a_database_of_a_later_version_is_refused_and_left_untouched() {
    let cache = Cache::new().await;
    cache.listed("a").await;
    cache.store.close().await;
    let pool = sql(&cache.database()).await;
    let statement = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                     VALUES (9001, 'the future', true, x'00', 0)";
    sqlx::query(statement).execute(&pool).await.unwrap();
    pool.close().await;
    let before = released::dump(&cache.database()).await;

    let refused = open(&cache.database()).await;
    let Err(StoreError::Newer { found: 9001, known, .. }) = &refused else { panic!("{refused:?}") };
    assert!(*known > 0 && *known < 9001);
    assert_eq!(released::dump(&cache.database()).await, before);
    assert!(!cache.folder.path().join("backups").exists());
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("cache.db");
    let letter = "Dear Sarah, this is a letter and no database. ".repeat(100);
    fs::write(&database, &letter).unwrap();
    let refused = open(&database).await;
    let Err(error @ StoreError::Corrupt { .. }) = &refused else { panic!("{refused:?}") };
    let message = error.to_string();
    assert!(message.contains("cache.db") && message.contains("backups"), "{message}");
    assert_eq!(fs::read_to_string(&database).unwrap(), letter);
}

#[tokio::test]
async fn another_program_s_database_is_refused_and_left_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("cache.db");
    fs::write(&database, "").unwrap();
    let pool = sql(&database).await;
    sqlx::query("CREATE TABLE photos (id INTEGER)").execute(&pool).await.unwrap();
    pool.close().await;
    assert!(matches!(open(&database).await, Err(StoreError::Foreign { .. })));
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT name FROM sqlite_schema").fetch_all(&sql(&database).await).await.unwrap();
    assert_eq!(tables, ["photos"]);
}

#[tokio::test]
async fn a_missing_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let refused = open(&folder.path().join("nowhere/cache.db")).await;
    assert!(
        matches!(&refused, Err(StoreError::Io { place, .. }) if place.contains("nowhere")),
        "{refused:?}"
    );
}

/// A database as it was one migration ago.
async fn of_the_version_before(database: &Path) {
    let store = open(database).await.unwrap();
    store.store_listing(&listing(1, vec![seen("a")])).await.unwrap();
    store.close().await;
    let pool = sql(database).await;
    let last = "DELETE FROM _sqlx_migrations WHERE version = (SELECT max(version) FROM _sqlx_migrations)";
    for statement in ["DROP TABLE changes", last] {
        sqlx::query(statement).execute(&pool).await.unwrap();
    }
    pool.close().await;
}

#[tokio::test]
async fn an_older_database_is_copied_before_it_is_migrated() {
    let folder = tempfile::tempdir().unwrap();
    let (database, backups) = (folder.path().join("cache.db"), folder.path().join("backups"));
    of_the_version_before(&database).await;
    let store = open(&database).await.unwrap();
    assert_eq!(store.all_contacts().await.unwrap().len(), 1);
    assert_eq!(store.generation().await.unwrap(), 0);
    store.close().await;

    let copies = files(&backups);
    assert_eq!(copies, BTreeSet::from(["cache-schema-5.db".to_owned()]));
    let copy = sql(&backups.join("cache-schema-5.db")).await;
    let contacts: i64 = sqlx::query_scalar("SELECT count(*) FROM contacts").fetch_one(&copy).await.unwrap();
    assert_eq!(contacts, 1);
    assert!(sqlx::query("SELECT * FROM changes").fetch_all(&copy).await.is_err());

    // The next copy of that version leaves the first one alone.
    fs::remove_file(&database).unwrap();
    of_the_version_before(&database).await;
    open(&database).await.unwrap().close().await;
    assert_eq!(files(&backups), ["cache-schema-5-2.db", "cache-schema-5.db"].map(str::to_owned).into());
}

#[tokio::test]
async fn without_a_backup_nothing_is_migrated() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("cache.db");
    of_the_version_before(&database).await;
    let before = released::dump(&database).await;
    // A file stands where the folder should be.
    fs::write(folder.path().join("backups"), "").unwrap();
    assert!(matches!(open(&database).await, Err(StoreError::Backup { .. })));
    assert_eq!(released::dump(&database).await, before);
}

#[tokio::test]
async fn a_migration_that_fails_leaves_the_database_and_no_copy_behind() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("cache.db");
    of_the_version_before(&database).await;
    let pool = sql(&database).await;
    sqlx::query("CREATE TABLE changes (in_the_way INTEGER)").execute(&pool).await.unwrap();
    pool.close().await;
    let before = released::dump(&database).await;
    let refused = open(&database).await;
    assert!(matches!(&refused, Err(StoreError::Migration { .. })), "{refused:?}");
    assert_eq!(released::dump(&database).await, before);
    assert_eq!(files(&folder.path().join("backups")), BTreeSet::new());
}

#[tokio::test]
async fn a_database_of_every_released_version_opens_with_all_it_held() {
    let released: Vec<PathBuf> = released::dumps();
    assert!(!released.is_empty());
    for dump in released {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("cache.db");
        released::restore(&dump, &database).await;
        let store = open(&database).await.unwrap_or_else(|error| panic!("{}: {error}", dump.display()));
        released::assert_holds_the_sample(&store).await;
        // And it is one to go on with.
        store.store_listing(&listing(90, vec![seen("news")])).await.unwrap();
        assert_eq!(store.contacts(Platform::Instagram).await.unwrap().len(), 2);
    }
}
