//! What a listing may and may not do to contacts, and what is a person's alone.

use crm_sync_domain::contact::Unreadable;
use crm_sync_domain::plan::OpenReason;
use crm_sync_domain::{ContactId, Fingerprint, InboxTab, Platform, Reason, StageSource};
use crm_sync_store::{Counts, ListingCounts, SeenContact, StoreError};

use crate::support::{
    Cache, commit, full_message, fully_seen, key, listing, minute, moment, new_message, seen,
};

#[tokio::test]
async fn a_contact_is_read_back_as_it_was_listed() {
    let cache = Cache::new().await;
    let row = SeenContact { position: 7, tab: InboxTab::HiddenRequests, ..fully_seen("Zoë 🎉 <b>'; --") };
    cache.store.store_listing(&listing(1, vec![row.clone()])).await.unwrap();
    let contact = cache.contact("zoë 🎉 <b>'; --").await;
    assert_eq!(contact.username, "Zoë 🎉 <b>'; --");
    assert_eq!((contact.tab, contact.position, contact.listed_at), (row.tab, 7, minute(1)));
    assert_eq!(contact.display_name, row.display_name);
    assert_eq!(contact.thread_id, row.thread_id);
    assert_eq!(contact.preview, row.preview);
    assert_eq!((contact.preview_outbound, contact.unread), (Some(false), Some(true)));
    assert_eq!((contact.activity, contact.due), (row.activity, row.due));
    // Nothing was read or scored: unknown, not zero.
    assert_eq!((contact.read_at, contact.fingerprint, contact.unreadable), (None, None, None));
    assert_eq!((contact.score, contact.messages_sent, contact.service_stage), (None, None, None));
}

#[tokio::test]
async fn an_unknown_never_overwrites_a_known_value() {
    let cache = Cache::new().await;
    cache.store.store_listing(&listing(1, vec![fully_seen("sarah")])).await.unwrap();
    let before = cache.contact("sarah").await;
    let counts = cache.store.store_listing(&listing(2, vec![seen("sarah")])).await.unwrap();
    assert_eq!(counts, ListingCounts { new: 0, changed: 0 });
    let after = cache.contact("sarah").await;
    assert_eq!(after, crm_sync_domain::Contact { listed_at: minute(2), ..before });
}

#[tokio::test]
async fn the_spelling_first_seen_is_kept_for_ever() {
    let cache = Cache::new().await;
    cache.store.store_listing(&listing(1, vec![seen("SarahEAshley")])).await.unwrap();
    cache.store.store_listing(&listing(2, vec![seen("@saraheashley")])).await.unwrap();
    let contacts = cache.store.contacts(Platform::Instagram).await.unwrap();
    assert_eq!(contacts.len(), 1);
    assert_eq!(
        (contacts[0].username.as_str(), contacts[0].open_name.as_str()),
        ("SarahEAshley", "@saraheashley")
    );
}

#[tokio::test]
async fn a_listing_never_removes_a_contact() {
    let cache = Cache::new().await;
    cache.store.store_listing(&listing(1, vec![fully_seen("a"), fully_seen("b")])).await.unwrap();
    let b = cache.contact("b").await;
    cache.store.store_listing(&listing(2, vec![fully_seen("a")])).await.unwrap();
    cache.store.store_listing(&listing(3, vec![])).await.unwrap();
    assert_eq!(cache.contact("b").await, b);
    assert_eq!(cache.store.all_contacts().await.unwrap().len(), 2);
}

#[tokio::test]
async fn the_same_listing_twice_changes_nothing() {
    let cache = Cache::new().await;
    let rows: Vec<_> = ["a", "b", "c"].map(fully_seen).into();
    let first = cache.store.store_listing(&listing(1, rows.clone())).await.unwrap();
    assert_eq!(first, ListingCounts { new: 3, changed: 0 });
    let generation = cache.store.generation().await.unwrap();
    let second = cache.store.store_listing(&listing(2, rows)).await.unwrap();
    assert_eq!(second, ListingCounts::default());
    assert_eq!(cache.store.generation().await.unwrap(), generation);
    assert_eq!(cache.store.changes_since(generation).await.unwrap(), []);
}

#[tokio::test]
async fn a_contact_that_stands_in_two_tabs_is_one_contact_and_no_change() {
    let cache = Cache::new().await;
    let rows = vec![fully_seen("a"), SeenContact { tab: InboxTab::General, position: 4, ..seen("A") }];
    let first = cache.store.store_listing(&listing(1, rows.clone())).await.unwrap();
    assert_eq!(first, ListingCounts { new: 1, changed: 0 });
    let contact = cache.contact("a").await;
    assert_eq!((contact.tab, contact.position, contact.open_name.as_str()), (InboxTab::General, 4, "A"));
    assert_eq!(contact.display_name.as_deref(), Some("a the Great"));
    assert_eq!(cache.store.store_listing(&listing(2, rows)).await.unwrap(), ListingCounts::default());
    assert_eq!(cache.store.generation().await.unwrap(), 1);
}

#[tokio::test]
async fn a_listed_change_is_told_once_and_for_its_contact_alone() {
    let cache = Cache::new().await;
    cache.store.store_listing(&listing(1, vec![fully_seen("a"), fully_seen("b")])).await.unwrap();
    let generation = cache.store.generation().await.unwrap();
    let moved = SeenContact { position: 1, ..fully_seen("a") };
    let news = SeenContact { preview: Some("New words".to_owned()), ..fully_seen("b") };
    let counts = cache.store.store_listing(&listing(2, vec![news, moved])).await.unwrap();
    assert_eq!(counts, ListingCounts { new: 0, changed: 1 });
    let b = cache.contact("b").await.id;
    assert_eq!(cache.store.changes_since(generation).await.unwrap(), [(generation + 1, b)]);
    assert_eq!(cache.contact("a").await.position, 1);
}

#[tokio::test]
async fn an_empty_preview_is_what_the_service_said() {
    let cache = Cache::new().await;
    cache.store.store_listing(&listing(1, vec![fully_seen("a")])).await.unwrap();
    let empty = SeenContact { preview: Some(String::new()), ..seen("a") };
    cache.store.store_listing(&listing(2, vec![empty])).await.unwrap();
    let contact = cache.contact("a").await;
    assert_eq!(contact.preview.as_deref(), Some(""));
    // Whose the old preview was says nothing about the new one.
    assert_eq!(contact.preview_outbound, None);
}

#[tokio::test]
async fn a_due_stays_until_the_read_is_proved() {
    let cache = Cache::new().await;
    let due = SeenContact { due: Some(OpenReason::PreviewChanged), ..seen("a") };
    cache.store.store_listing(&listing(1, vec![due])).await.unwrap();
    cache.store.store_listing(&listing(2, vec![seen("a")])).await.unwrap();
    let contact = cache.contact("a").await;
    assert_eq!(contact.due, Some(OpenReason::PreviewChanged));
    cache.store.commit_thread(&commit(3, contact.id, vec![])).await.unwrap();
    assert_eq!(cache.contact("a").await.due, None);
}

#[tokio::test]
async fn a_renamed_contact_is_found_by_either_name_and_keeps_its_own() {
    let cache = Cache::new().await;
    let id = cache.listed("Old Name").await;
    let renamed = SeenContact {
        existing: Some(id),
        open_name: "New Name".to_owned(),
        new_alias: Some(key("New Name")),
        display_name: Some("New Name".to_owned()),
        ..seen("New Name")
    };
    let counts = cache.store.store_listing(&listing(1, vec![renamed.clone()])).await.unwrap();
    assert_eq!(counts, ListingCounts { new: 0, changed: 1 });
    assert_eq!(
        cache.store.store_listing(&listing(2, vec![renamed])).await.unwrap(),
        ListingCounts::default()
    );
    // By name alone, as a process that has not seen the rename would list it.
    cache.store.store_listing(&listing(3, vec![seen("New Name")])).await.unwrap();

    let contact = cache.contact("Old Name").await;
    assert_eq!(contact, cache.contact("new name").await);
    assert_eq!((contact.id, contact.username.as_str()), (id, "Old Name"));
    assert_eq!(contact.aliases, [key("New Name")]);
    assert_eq!(cache.store.all_contacts().await.unwrap(), [contact]);
}

#[tokio::test]
async fn a_name_goes_to_whom_it_was_proved_for_last() {
    let cache = Cache::new().await;
    let a = cache.listed("a").await;
    let b = cache.listed("b").await;
    for (n, id) in [(1, a), (2, b)] {
        let row = SeenContact { existing: Some(id), new_alias: Some(key("x")), ..seen("x") };
        cache.store.store_listing(&listing(n, vec![row])).await.unwrap();
    }
    assert_eq!(cache.contact("x").await.id, b);
    assert!(cache.contact("a").await.aliases.is_empty());
}

#[tokio::test]
async fn a_person_s_stage_survives_every_sync() {
    let cache = Cache::new().await;
    let id = cache.listed("a").await;
    cache.store.set_stage(id, Some("hot"), minute(1)).await.unwrap();
    cache.store.store_listing(&listing(2, vec![fully_seen("a")])).await.unwrap();
    cache.store.commit_thread(&commit(3, id, vec![new_message("hi")])).await.unwrap();
    let update = crate::scores::update("a", Some(8.5));
    cache.store.store_scores(Platform::Instagram, minute(4), &[update]).await.unwrap();
    assert_eq!(cache.contact("a").await.stage(), Some(("hot", StageSource::Person)));
    cache.store.set_stage(id, None, minute(5)).await.unwrap();
    assert_eq!(cache.contact("a").await.stage(), Some(("warm", StageSource::Service)));
}

#[tokio::test]
async fn an_unreadable_thread_keeps_its_messages_until_it_is_read_again() {
    let cache = Cache::new().await;
    let id = cache.listed("a").await;
    cache.store.commit_thread(&commit(1, id, vec![new_message("hi")])).await.unwrap();
    let unreadable = Unreadable {
        reason: Reason::WrongThread,
        failures: 3,
        rest_until_run: 12,
        seen: Fingerprint { preview: Some("?".to_owned()), activity: Some(moment(2)) },
    };
    cache.store.mark_unreadable(id, &unreadable).await.unwrap();
    let contact = cache.contact("a").await;
    assert_eq!((contact.unreadable, contact.message_count), (Some(unreadable), 1));
    let thread = cache.store.thread(id).await.unwrap();
    cache.store.commit_thread(&commit(2, id, thread)).await.unwrap();
    assert_eq!(cache.contact("a").await.unreadable, None);
}

#[tokio::test]
async fn what_is_counted_is_what_is_cached() {
    let cache = Cache::new().await;
    assert_eq!(cache.store.counts(Platform::Instagram).await.unwrap(), Counts::default());
    let rows = vec![fully_seen("a"), SeenContact { ambiguous: true, ..seen("b") }];
    cache.store.store_listing(&listing(1, rows)).await.unwrap();
    let id = cache.contact("a").await.id;
    let thread = vec![full_message("m1", "in"), new_message("of nobody knows whom")];
    cache.store.commit_thread(&commit(2, id, thread)).await.unwrap();
    let expected = Counts {
        contacts: 2,
        read: 1,
        ambiguous: 1,
        unreadable: 0,
        unread: 1,
        messages: 2,
        inbound: 1,
        outbound: 0,
    };
    assert_eq!(cache.store.counts(Platform::Instagram).await.unwrap(), expected);
    assert_eq!(cache.store.counts(Platform::TikTok).await.unwrap(), Counts::default());
}

#[tokio::test]
async fn contacts_come_platform_by_platform_and_by_name() {
    let cache = Cache::new().await;
    for platform in [Platform::TikTok, Platform::Instagram] {
        let rows = ["b", "é", "A"].map(seen).into();
        let listing = crm_sync_store::StoredListing { platform, ..listing(1, rows) };
        cache.store.store_listing(&listing).await.unwrap();
    }
    let contacts = cache.store.all_contacts().await.unwrap();
    let order: Vec<_> = contacts.iter().map(|c| (c.platform.as_str(), c.username.as_str())).collect();
    let expected = [
        ("instagram", "A"),
        ("instagram", "b"),
        ("instagram", "é"),
        ("tiktok", "A"),
        ("tiktok", "b"),
        ("tiktok", "é"),
    ];
    assert_eq!(order, expected);
}

#[tokio::test]
async fn a_contact_that_does_not_exist_is_named_and_nothing_is_written() {
    let cache = Cache::new().await;
    let nobody = ContactId(99);
    let stage = cache.store.set_stage(nobody, Some("hot"), minute(1)).await;
    assert!(matches!(stage, Err(StoreError::NoContact(id)) if id == nobody));
    let row = SeenContact { existing: Some(nobody), ..seen("x") };
    let listed = cache.store.store_listing(&listing(1, vec![seen("a"), row])).await;
    assert!(matches!(listed, Err(StoreError::NoContact(id)) if id == nobody));
    assert_eq!(cache.store.all_contacts().await.unwrap(), []);
    assert_eq!(cache.store.contact(nobody).await.unwrap(), None);
}
