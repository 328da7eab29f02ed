//! `docs/schema.sql` is what the migrations make: a person reads one file instead of all of them.

use std::fmt::Write as _;
use std::path::Path;

use crate::support::Cache;

#[tokio::test]
async fn the_documented_schema_is_the_real_one() {
    let cache = Cache::new().await;
    let sql = sqlx::SqlitePool::connect(&format!("sqlite:{}", cache.database().display())).await.unwrap();
    let statements: Vec<String> = sqlx::query_scalar(
        // Without sqlx's and SQLite's own tables and the ones that FTS5 keeps behind its index.
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT IN ('_sqlx_migrations', 'sqlite_sequence') \
         AND name NOT LIKE 'message\\_search\\_%' ESCAPE '\\' ORDER BY rowid",
    )
    .fetch_all(&sql)
    .await
    .unwrap();
    let mut schema = String::from(
        "-- The schema of the cache, generated from src-tauri/crates/store/migrations by\n\
         -- UPDATE_SCHEMA=1 cargo test -p crm-sync-store\n",
    );
    for statement in statements {
        write!(schema, "\n{statement};\n").unwrap();
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/schema.sql");
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, &schema).unwrap();
    }
    let documented = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(documented, schema, "docs/schema.sql is old: UPDATE_SCHEMA=1 cargo test -p crm-sync-store");
}
