//! Committing proved reads: nothing cached is lost, blanked or moved.

use std::collections::HashSet;

use crm_sync_domain::{
    ContactId, Direction, Fingerprint, Moment, Platform, Precision, ReadMessage, StoredMessage,
};
use crm_sync_store::{SeenContact, StoreError, StoredListing, ThreadCommit, ThreadCounts};
use proptest::prelude::*;

use crate::support::{
    Cache, commit, full_message, fully_seen, key, listing, minute, moment, new_message, read_message, seen,
    texts,
};

#[tokio::test]
async fn a_proved_read_is_stored_whole() {
    let cache = Cache::new().await;
    cache
        .store
        .store_listing(&listing(1, vec![SeenContact { thread_id: None, ..fully_seen("a") }]))
        .await
        .unwrap();
    let id = cache.contact("a").await.id;
    let fingerprint = Fingerprint { preview: Some("Shall we talk?".to_owned()), activity: Some(moment(3)) };
    let read = ThreadCommit {
        fingerprint: fingerprint.clone(),
        thread_id: Some("t1".to_owned()),
        local_score: Some(6.25),
        ..commit(2, id, vec![full_message("m1", "one"), new_message("two")])
    };
    let generation = cache.store.generation().await.unwrap();
    assert_eq!(cache.store.commit_thread(&read).await.unwrap(), ThreadCounts { new_messages: 2 });

    let contact = cache.contact("a").await;
    assert_eq!((contact.read_at, contact.fingerprint), (Some(minute(2)), Some(fingerprint)));
    assert_eq!((contact.thread_id.as_deref(), contact.local_score), (Some("t1"), Some(6.25)));
    assert_eq!((contact.message_count, contact.due), (2, None));
    assert_eq!(cache.store.changes_since(generation).await.unwrap(), [(generation + 1, id)]);

    // The next read knows neither thread id nor score: both stay.
    let thread = cache.store.thread(id).await.unwrap();
    assert_eq!(cache.store.commit_thread(&commit(3, id, thread)).await.unwrap(), ThreadCounts::default());
    let contact = cache.contact("a").await;
    assert_eq!((contact.thread_id.as_deref(), contact.local_score), (Some("t1"), Some(6.25)));
}

#[tokio::test]
async fn a_commit_that_would_lose_or_rewrite_a_message_is_refused_whole() {
    let cache = Cache::new().await;
    let (a, b) = (cache.listed("a").await, cache.listed("b").await);
    let read = commit(1, a, vec![new_message("one"), new_message("two"), new_message("three")]);
    cache.store.commit_thread(&read).await.unwrap();
    cache.store.commit_thread(&commit(1, b, vec![new_message("of b")])).await.unwrap();
    let thread = cache.store.thread(a).await.unwrap();
    let of_b = cache.store.thread(b).await.unwrap();
    let (contact, generation) = (cache.contact("a").await, cache.store.generation().await.unwrap());

    let lost = thread[1..].to_vec();
    let mut rewritten = thread.clone();
    rewritten[0].message.text = "won".to_owned();
    let mut doubled = thread.clone();
    doubled.push(thread[0].clone());
    let foreign = [thread.as_slice(), &of_b].concat();
    for thread in [lost, rewritten, doubled, foreign, vec![], vec![new_message("other")]] {
        let mut thread = thread;
        thread.push(new_message("news"));
        let refused = cache.store.commit_thread(&commit(2, a, thread)).await;
        assert!(
            matches!(&refused, Err(StoreError::WouldLose { username, .. }) if username == "a"),
            "{refused:?}"
        );
    }
    assert_eq!(cache.store.thread(a).await.unwrap(), thread);
    assert_eq!(cache.store.thread(b).await.unwrap(), of_b);
    assert_eq!(cache.contact("a").await, contact);
    assert_eq!(cache.store.generation().await.unwrap(), generation);
}

#[tokio::test]
async fn an_ambiguous_contact_takes_no_thread() {
    let cache = Cache::new().await;
    let id = cache.listed("a").await;
    let ambiguous = SeenContact { ambiguous: true, ..seen("a") };
    cache.store.store_listing(&listing(1, vec![ambiguous])).await.unwrap();
    let refused = cache.store.commit_thread(&commit(2, id, vec![new_message("hi")])).await;
    assert!(matches!(refused, Err(StoreError::AmbiguousContact { username }) if username == "a"));
    assert_eq!(cache.store.thread(id).await.unwrap(), []);
    let nobody = cache.store.commit_thread(&commit(2, ContactId(99), vec![])).await;
    assert!(matches!(nobody, Err(StoreError::NoContact(ContactId(99)))));
}

#[tokio::test]
async fn a_later_read_fills_in_what_was_unknown_and_blanks_nothing() {
    let cache = Cache::new().await;
    let id = cache.listed("a").await;
    cache
        .store
        .commit_thread(&commit(1, id, vec![full_message("m1", "known"), new_message("bare")]))
        .await
        .unwrap();
    let before = cache.store.thread(id).await.unwrap();

    let mut merged = before.clone();
    merged[0] = StoredMessage { row_id: before[0].row_id, ..new_message("known") };
    merged[1] = StoredMessage { row_id: before[1].row_id, gap_before: true, ..full_message("m2", "bare") };
    cache.store.commit_thread(&commit(2, id, merged.clone())).await.unwrap();
    let after = cache.store.thread(id).await.unwrap();
    assert_eq!(after[0], before[0]);
    assert_eq!(after[1], merged[1]);
    assert_eq!(cache.store.counts(Platform::Instagram).await.unwrap().inbound, 2);
}

#[tokio::test]
async fn older_messages_found_later_leave_the_cached_ones_where_they_are() {
    let cache = Cache::new().await;
    let id = cache.listed("a").await;
    cache.store.commit_thread(&commit(1, id, vec![new_message("c"), new_message("e")])).await.unwrap();
    let sql = sqlx::SqlitePool::connect(&format!("sqlite:{}", cache.database().display())).await.unwrap();
    let places = "SELECT position FROM messages WHERE text IN ('c', 'e') ORDER BY position";
    let before: Vec<i64> = sqlx::query_scalar(places).fetch_all(&sql).await.unwrap();

    let cached = cache.store.thread(id).await.unwrap();
    let deeper = [vec![new_message("a"), new_message("b")], cached, vec![new_message("f")]].concat();
    cache.store.commit_thread(&commit(2, id, deeper)).await.unwrap();
    assert_eq!(sqlx::query_scalar::<_, i64>(places).fetch_all(&sql).await.unwrap(), before);

    let mut thread = cache.store.thread(id).await.unwrap();
    thread.insert(3, new_message("d"));
    cache.store.commit_thread(&commit(3, id, thread)).await.unwrap();
    assert_eq!(texts(&cache.store.thread(id).await.unwrap()), ["a", "b", "c", "d", "e", "f"]);
}

#[tokio::test]
async fn any_text_comes_back_as_it_went_in() {
    let cache = Cache::new().await;
    let id = cache.listed("a").await;
    let odd = ["", "a\0b", "\u{fffd}", "مرحبا", "👩‍👩‍👧", "'; DROP TABLE messages; --", "=1+1", "\r\n\t"];
    cache.store.commit_thread(&commit(1, id, odd.map(new_message).into())).await.unwrap();
    assert_eq!(texts(&cache.store.thread(id).await.unwrap()), odd);
    let reads: Vec<_> = odd.map(read_message).into();
    let elsewhere = cache.store.elsewhere(Platform::Instagram, ContactId(0), &reads).await.unwrap();
    assert_eq!(elsewhere.texts, odd.map(str::to_owned).into());
}

#[tokio::test]
async fn elsewhere_is_another_contact_of_the_same_platform() {
    let cache = Cache::new().await;
    let (a, b) = (cache.listed("a").await, cache.listed("b").await);
    let tiktok = StoredListing { platform: Platform::TikTok, ..listing(1, vec![seen("c")]) };
    cache.store.store_listing(&tiktok).await.unwrap();
    let c = cache.store.find_contact(Platform::TikTok, &key("c")).await.unwrap().unwrap().id;
    let thread = |own: &str| vec![new_message("template"), full_message(&format!("id-{own}"), own)];
    for (id, own) in [(a, "of a"), (b, "of b"), (c, "of c")] {
        cache.store.commit_thread(&commit(1, id, thread(own))).await.unwrap();
    }
    let asked: Vec<ReadMessage> = ["of a", "of b", "of c"]
        .into_iter()
        .map(|own| full_message(&format!("id-{own}"), own).message)
        .chain([read_message("template"), read_message("nowhere")])
        .collect();
    let found = cache.store.elsewhere(Platform::Instagram, a, &asked).await.unwrap();
    assert_eq!(found.texts, HashSet::from(["of b".to_owned(), "template".to_owned()]));
    assert_eq!(found.ids, HashSet::from(["id-of b".to_owned()]));
    let found = cache.store.elsewhere(Platform::TikTok, c, &asked).await.unwrap();
    assert_eq!((found.texts, found.ids), (HashSet::new(), HashSet::new()));
    let many: Vec<_> =
        (0..5_000).map(|n| read_message(&n.to_string())).chain([read_message("of b")]).collect();
    assert_eq!(cache.store.elsewhere(Platform::Instagram, a, &many).await.unwrap().texts.len(), 1);
}

fn a_moment() -> impl Strategy<Value = Moment> {
    let time = || proptest::option::of((-1_000_000_i64..1_000_000).prop_map(minute));
    let precision = prop_oneof![
        Just(Precision::Exact),
        Just(Precision::Minute),
        Just(Precision::Hour),
        Just(Precision::Day),
        Just(Precision::Week),
        Just(Precision::Vague)
    ];
    (proptest::option::of(".{0,4}"), time(), time(), precision)
        .prop_map(|(text, earliest, latest, precision)| Moment { text, earliest, latest, precision })
}

fn a_message() -> impl Strategy<Value = StoredMessage> {
    let word = || proptest::option::of(".{0,4}");
    let direction = proptest::option::of(prop_oneof![Just(Direction::Inbound), Just(Direction::Outbound)]);
    // Few texts, so that they repeat as short replies do.
    let text = prop_oneof![2 => "[ab\0]{0,2}", 1 => "(?s).{0,8}"];
    let gap = any::<bool>();
    (word(), word(), text, direction, word(), proptest::option::of(a_moment()), gap).prop_map(
        |(id, sender, text, direction, time_text, sent, gap_before)| StoredMessage {
            row_id: 0,
            message: ReadMessage { id, sender, text, direction, time_text },
            sent,
            gap_before,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Reads that each add messages anywhere: what is read back is the merged thread, in its order, with the row ids
    /// that were there before.
    #[test]
    fn a_thread_comes_back_as_it_was_merged(
        reads in proptest::collection::vec(
            proptest::collection::vec((a_message(), any::<proptest::sample::Index>()), 0..6), 1..5),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let cache = Cache::new().await;
            let id = cache.listed("a").await;
            let mut thread = Vec::new();
            for (n, additions) in (1..).zip(reads) {
                let added = u32::try_from(additions.len()).unwrap();
                for (message, place) in additions {
                    let place = place.index(thread.len() + 1);
                    thread.insert(place, message);
                }
                let counts = cache.store.commit_thread(&commit(n, id, thread.clone())).await.unwrap();
                prop_assert_eq!(counts.new_messages, added);
                let stored = cache.store.thread(id).await.unwrap();
                let ids: HashSet<_> = stored.iter().map(|message| message.row_id).collect();
                prop_assert_eq!(ids.len(), stored.len());
                prop_assert_eq!(stored.len(), thread.len());
                for (message, stored) in thread.iter().zip(&stored) {
                    let row_id = if message.row_id == 0 { stored.row_id } else { message.row_id };
                    prop_assert_eq!(&StoredMessage { row_id, ..message.clone() }, stored);
                }
                prop_assert_eq!(cache.contact("a").await.message_count as usize, stored.len());
                thread = stored;
            }
            Ok(())
        })?;
    }
}
