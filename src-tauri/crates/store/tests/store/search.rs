//! Search in message texts: words and signs, never a query language.

use crm_sync_domain::Platform;
use proptest::prelude::*;
use rstest::rstest;

use crate::support::{Cache, commit, new_message};

async fn cache_with(messages: &[&str]) -> Cache {
    let cache = Cache::new().await;
    let id = cache.listed("Sarah").await;
    let thread = messages.iter().map(|text| new_message(text)).collect();
    cache.store.commit_thread(&commit(1, id, thread)).await.unwrap();
    cache
}

async fn found(cache: &Cache, text: &str) -> Vec<String> {
    let hits = cache.store.search_messages(text, 100).await.unwrap();
    hits.into_iter().map(|hit| hit.message.message.text).collect()
}

#[rstest]
#[case::words_in_any_order("price please", &["Please, the PRICE?"])]
#[case::accents_and_case("cafe OLE", &["Café olé"])]
#[case::the_last_word_may_be_begun("the pri", &["Please, the PRICE?"])]
#[case::only_the_last_one("pri the", &[])]
#[case::quotes("say \"hello\"", &["They say \"hello\""])]
#[case::a_lone_quote("\"", &["They say \"hello\""])]
#[case::operators_are_words("this OR that", &["this or that"])]
#[case::not_is_a_word("NOT that", &[])]
#[case::near("NEAR(this that)", &[])]
#[case::columns_are_words("text:hello", &[])]
#[case::a_star("*", &["5 * 5"])]
#[case::inside_a_word("don't", &["I don't know"])]
#[case::emoji("🎉", &["party 🎉🎉"])]
#[case::a_word_and_an_emoji("party 🎉", &["party 🎉🎉"])]
#[case::an_emoji_that_is_not_there("party 🙈", &[])]
#[case::right_to_left("مرح", &["مرحبا"])]
#[case::percent_is_no_wildcard("%", &[])]
#[case::nothing("   ", &[])]
#[tokio::test]
async fn what_is_typed_is_what_is_looked_for(#[case] typed: &str, #[case] expected: &[&str]) {
    let texts = [
        "Please, the PRICE?",
        "Café olé",
        "They say \"hello\"",
        "this or that",
        "5 * 5",
        "I don't know",
        "party 🎉🎉",
        "مرحبا",
    ];
    assert_eq!(found(&cache_with(&texts).await, typed).await, expected);
}

#[tokio::test]
async fn a_hit_says_whose_thread_it_stands_in_and_the_last_stored_come_first() {
    let cache = cache_with(&["hello one", "hello two", "hello three"]).await;
    let hits = cache.store.search_messages("hello", 2).await.unwrap();
    assert_eq!(hits.len(), 2);
    assert_eq!(hits[0].message.message.text, "hello three");
    let contact = &hits[0].contact;
    assert_eq!((contact.platform, contact.username.as_str()), (Platform::Instagram, "Sarah"));
    assert_eq!(hits[0].message, cache.store.thread(contact.id).await.unwrap()[2]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn nothing_that_can_be_typed_is_an_error(typed in proptest::collection::vec("(?s).{0,12}|[\"*():^{}+-]{0,8}|NEAR|AND|OR|NOT|\0", 1..6)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let cache = cache_with(&["hello"]).await;
            for typed in [typed.join(""), typed.join(" ")] {
                let hits = cache.store.search_messages(&typed, 10).await;
                prop_assert!(hits.is_ok(), "{typed:?}: {hits:?}");
            }
            Ok(())
        })?;
    }
}
