//! A known contact under a new name.

use crm_sync_domain::Platform;
use crm_sync_store::{SeenContact, StoreError, StoredListing};

use crate::support::{Cache, commit, fully_seen, key, listing, minute, moment, new_message, seen, texts};

#[tokio::test]
async fn a_renamed_contact_keeps_its_messages_and_takes_over_its_listing() {
    let cache = Cache::new().await;
    cache.store.store_listing(&listing(1, vec![fully_seen("old")])).await.unwrap();
    let old = cache.contact("old").await;
    cache.store.commit_thread(&commit(2, old.id, vec![new_message("hi")])).await.unwrap();
    let row = SeenContact {
        position: 5,
        preview: Some("News".to_owned()),
        activity: Some(moment(9)),
        ..seen("New")
    };
    cache.store.store_listing(&listing(3, vec![row])).await.unwrap();
    let new = cache.contact("new").await;
    cache.store.set_stage(new.id, Some("hot"), minute(4)).await.unwrap();
    let score = crate::scores::update("new", Some(3.0));
    cache.store.store_scores(Platform::Instagram, minute(4), &[score]).await.unwrap();
    let generation = cache.store.generation().await.unwrap();

    let joined = cache.store.rename_into(new.id, old.id).await.unwrap();
    assert_eq!((joined.id, joined.username.as_str(), joined.shown_name()), (old.id, "old", "New"));
    assert_eq!((joined.open_name.as_str(), joined.aliases.as_slice()), ("New", [key("new")].as_slice()));
    assert_eq!((joined.position, joined.listed_at, joined.activity.clone()), (5, minute(3), Some(moment(9))));
    // Whose the old preview was says nothing about the new one; what was not listed anew stays.
    assert_eq!((joined.preview.as_deref(), joined.preview_outbound), (Some("News"), None));
    assert_eq!((joined.unread, joined.thread_id.clone()), (Some(true), old.thread_id.clone()));
    assert_eq!((joined.person_stage.as_deref(), joined.message_count), (Some("hot"), 1));
    assert_eq!(texts(&cache.store.thread(old.id).await.unwrap()), ["hi"]);
    assert_eq!(cache.store.score_points(old.id).await.unwrap().len(), 1);
    assert_eq!(cache.contact("NEW").await, joined);
    assert_eq!(cache.store.all_contacts().await.unwrap(), [joined]);

    // A reader learns that one changed and one is gone.
    let changes = cache.store.changes_since(generation).await.unwrap();
    assert_eq!(changes, [(generation + 1, old.id), (generation + 1, new.id)]);
    assert_eq!(cache.store.contact(new.id).await.unwrap(), None);
    // Its number is nobody else's, so that no one who still holds it reaches a third contact.
    assert!(cache.listed("third").await > new.id);
}

#[tokio::test]
async fn a_stage_set_on_the_known_contact_wins() {
    let cache = Cache::new().await;
    let (old, new) = (cache.listed("old").await, cache.listed("new").await);
    cache.store.set_stage(old, Some("customer"), minute(1)).await.unwrap();
    cache.store.set_stage(new, Some("hot"), minute(2)).await.unwrap();
    let joined = cache.store.rename_into(new, old).await.unwrap();
    assert_eq!(joined.person_stage.as_deref(), Some("customer"));
}

#[tokio::test]
async fn contacts_that_both_have_messages_or_belong_apart_are_not_joined() {
    let cache = Cache::new().await;
    let (a, b) = (cache.listed("a").await, cache.listed("b").await);
    for id in [a, b] {
        cache.store.commit_thread(&commit(1, id, vec![new_message("hi")])).await.unwrap();
    }
    let tiktok = StoredListing { platform: Platform::TikTok, ..listing(1, vec![seen("c")]) };
    cache.store.store_listing(&tiktok).await.unwrap();
    let c = cache.store.find_contact(Platform::TikTok, &key("c")).await.unwrap().unwrap().id;
    let before = cache.store.all_contacts().await.unwrap();
    for (listed, known) in [(a, b), (c, a), (c, c)] {
        let refused = cache.store.rename_into(listed, known).await;
        assert!(matches!(refused, Err(StoreError::CannotJoin { .. })), "{refused:?}");
    }
    assert_eq!(cache.store.all_contacts().await.unwrap(), before);
}
