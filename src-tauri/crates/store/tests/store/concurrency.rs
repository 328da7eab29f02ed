//! Several processes on one cache, as the database sees them: two stores with connections of their own.

use crm_sync_domain::Platform;
use crm_sync_store::{SeenContact, Store};
use tokio::task::JoinSet;

use crate::support::{Cache, commit, key, listing, minute, new_message, seen, texts};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_that_write_at_once_lose_nothing() {
    let cache = Cache::new().await;
    let stores = [cache.store.clone(), cache.another().await];
    let mut tasks = JoinSet::new();
    for n in 0..40 {
        for (who, store) in stores.clone().into_iter().enumerate() {
            tasks.spawn(async move {
                // Both list the same contact and each one of its own; both add to the shared contact's thread.
                let own = format!("{who}-{n}");
                let rows = vec![seen(&format!("both-{n}")), seen(&own)];
                store.store_listing(&listing(n, rows)).await.unwrap();
                let id = id_of(&store, &own).await;
                store.commit_thread(&commit(n, id, vec![new_message(&own)])).await.unwrap();
                store.set_stage(id, Some("hot"), minute(n)).await.unwrap();
            });
        }
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    for store in &stores {
        let contacts = store.contacts(Platform::Instagram).await.unwrap();
        assert_eq!(contacts.len(), 120);
        let own: Vec<_> = contacts.iter().filter(|c| !c.username.starts_with("both")).collect();
        assert_eq!(own.len(), 80);
        for contact in own {
            assert_eq!((contact.message_count, contact.person_stage.as_deref()), (1, Some("hot")));
            assert_eq!(texts(&store.thread(contact.id).await.unwrap()), [contact.username.as_str()]);
        }
        // Every transaction had a generation of its own: 80 listings, 80 commits, 80 stages; the newest is the last.
        assert_eq!(store.generation().await.unwrap(), 240);
        assert_eq!(store.changes_since(0).await.unwrap().len(), 120);
    }
}

async fn id_of(store: &Store, name: &str) -> crm_sync_domain::ContactId {
    store.find_contact(Platform::Instagram, &key(name)).await.unwrap().unwrap().id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn processes_that_create_the_cache_at_once_all_get_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut tasks = JoinSet::new();
    for n in 0..8 {
        let folder = folder.path().to_owned();
        tasks.spawn(async move {
            let store = Store::open(&folder.join("cache.db"), &folder.join("backups")).await.unwrap();
            store.store_listing(&listing(n, vec![seen(&n.to_string())])).await.unwrap();
            store.close().await;
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    let store = Store::open(&folder.path().join("cache.db"), &folder.path().join("backups")).await.unwrap();
    assert_eq!(store.all_contacts().await.unwrap().len(), 8);
    // A cache that was just created is nothing to back up.
    assert!(!folder.path().join("backups").exists());
}

#[tokio::test]
async fn another_process_s_change_is_noticed_and_told_by_contact() {
    let cache = Cache::new().await;
    let a = cache.listed("a").await;
    let (version, generation) =
        (cache.store.data_version().await.unwrap(), cache.store.generation().await.unwrap());
    assert_eq!(cache.store.data_version().await.unwrap(), version);
    let other = cache.another().await;
    let news = SeenContact { unread: Some(true), ..seen("a") };
    other.store_listing(&listing(1, vec![news, seen("b")])).await.unwrap();
    assert_ne!(cache.store.data_version().await.unwrap(), version);
    let b = cache.contact("b").await.id;
    let changes = cache.store.changes_since(generation).await.unwrap();
    assert_eq!(changes, [(generation + 1, a), (generation + 1, b)]);
}

#[tokio::test]
async fn this_process_s_own_change_moves_the_data_version_too() {
    let cache = Cache::new().await;
    let before = cache.store.data_version().await.unwrap();
    cache.listed("a").await;
    assert_ne!(cache.store.data_version().await.unwrap(), before);
}
