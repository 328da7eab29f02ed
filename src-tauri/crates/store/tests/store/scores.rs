//! Scores from the services' own CRMs.

use crm_sync_domain::Platform;
use crm_sync_domain::score::{RawScore, ScoreField};
use crm_sync_store::{ScoreUpdate, SeenContact};

use crate::support::{Cache, key, listing, minute, moment, seen};

pub(crate) fn update(name: &str, score: Option<f64>) -> ScoreUpdate {
    ScoreUpdate {
        key: key(name),
        service_contact_id: Some("contact_abc123".to_owned()),
        score,
        raw: score.map(|score| RawScore { value: score * 10.0, field: ScoreField::RelationshipScore }),
        stage: Some("warm".to_owned()),
        messages_sent: Some(12),
        replies_received: Some(0),
        last_contacted: Some(moment(4)),
    }
}

fn nothing_said(name: &str) -> ScoreUpdate {
    ScoreUpdate {
        service_contact_id: None,
        score: None,
        raw: None,
        stage: None,
        messages_sent: None,
        replies_received: None,
        last_contacted: None,
        ..update(name, None)
    }
}

#[tokio::test]
async fn what_a_service_says_is_stored_and_what_it_leaves_out_stays() {
    let cache = Cache::new().await;
    cache.listed("a").await;
    let store = &cache.store;
    assert_eq!(
        store.store_scores(Platform::Instagram, minute(1), &[update("A", Some(8.5))]).await.unwrap(),
        1
    );
    let contact = cache.contact("a").await;
    assert_eq!(
        (contact.score, contact.messages_sent, contact.replies_received),
        (Some(8.5), Some(12), Some(0))
    );
    assert_eq!(contact.raw_score, Some(RawScore { value: 85.0, field: ScoreField::RelationshipScore }));
    assert_eq!(contact.last_contacted, Some(moment(4)));
    assert_eq!(contact.service_contact_id.as_deref(), Some("contact_abc123"));

    let generation = store.generation().await.unwrap();
    let not_a_number = ScoreUpdate { score: Some(f64::NAN), ..nothing_said("a") };
    let again = [nothing_said("a"), not_a_number, update("a", Some(8.5)), update("stranger", Some(1.0))];
    assert_eq!(store.store_scores(Platform::Instagram, minute(2), &again).await.unwrap(), 0);
    assert_eq!(store.store_scores(Platform::Twitter, minute(2), &[update("a", Some(2.0))]).await.unwrap(), 0);
    assert_eq!(cache.contact("a").await, contact);
    assert_eq!(store.generation().await.unwrap(), generation);
}

#[tokio::test]
async fn each_change_of_a_score_is_a_point() {
    let cache = Cache::new().await;
    let id = cache.listed("a").await;
    for (n, score) in [(1, 3.0), (2, 3.0), (3, 4.5)] {
        cache.store.store_scores(Platform::Instagram, minute(n), &[update("a", Some(score))]).await.unwrap();
    }
    let points = cache.store.score_points(id).await.unwrap();
    let points: Vec<_> = points.into_iter().map(|point| (point.at, point.score)).collect();
    assert_eq!(points, [(minute(1), Some(3.0)), (minute(3), Some(4.5))]);
}

#[tokio::test]
async fn a_score_finds_its_contact_by_a_later_name_unless_that_is_another_s_own() {
    let cache = Cache::new().await;
    let a = cache.listed("a").await;
    let alias = |name| SeenContact { existing: Some(a), new_alias: Some(key(name)), ..seen(name) };
    cache.store.store_listing(&listing(1, vec![alias("b"), alias("c")])).await.unwrap();
    // "b" had been taken for a while when a "b" of its own appeared.
    let sql = sqlx::SqlitePool::connect(&format!("sqlite:{}", cache.database().display())).await.unwrap();
    sqlx::query(
        "INSERT INTO contacts (platform, key, username, open_name, first_seen_at, listed_at, listed_run, tab, \
         position) VALUES ('instagram', 'b', 'b', 'b', 0, 0, '', 'primary', 0)",
    )
    .execute(&sql)
    .await
    .unwrap();
    let scores = [update("b", Some(1.0)), update("c", Some(2.0))];
    assert_eq!(cache.store.store_scores(Platform::Instagram, minute(2), &scores).await.unwrap(), 2);
    assert_eq!(cache.contact("b").await.score, Some(1.0));
    assert_eq!(cache.contact("a").await.score, Some(2.0));
}
