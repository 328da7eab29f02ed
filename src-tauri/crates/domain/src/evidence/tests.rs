use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::testing::{inbound, outbound, stored};

const TEMPLATE: &str = "Hi! We love what you post and would like to send you our spring collection.";

/// Everything that a claim borrows.
#[expect(clippy::struct_excessive_bools, reason = "as many as the claim has")]
struct Case {
    platform: Platform,
    shape: Shape,
    names: Vec<NameKey>,
    preview: Option<String>,
    preview_unique: bool,
    cached: Vec<StoredMessage>,
    window: Vec<ReadMessage>,
    before: PaneBefore,
    steady: bool,
    ids: Option<ThreadIds>,
    elsewhere: Option<Elsewhere>,
    second_open_agrees: bool,
    disturbed: bool,
}

/// The real Twitter: a thread of two, read after another one, that the listing shows as it is.
fn case() -> Case {
    Case {
        platform: Platform::Twitter,
        shape: Shape::Real,
        names: vec![NameKey::of("Dana").unwrap()],
        preview: Some("could you send me a quote?".to_owned()),
        preview_unique: true,
        cached: Vec::new(),
        window: vec![outbound(TEMPLATE), inbound("could you send me a quote?")],
        before: PaneBefore::Showed(vec![outbound("somebody else's")]),
        steady: true,
        ids: None,
        elsewhere: None,
        second_open_agrees: false,
        disturbed: false,
    }
}

fn ids(before: &str, now: &str, stored: Option<&str>, owner: ThreadOwner) -> ThreadIds {
    ThreadIds {
        before: Some(before.to_owned()),
        at_read: Some(now.to_owned()),
        after_read: Some(now.to_owned()),
        stored: stored.map(str::to_owned),
        owner,
    }
}

impl Case {
    fn judge(&self) -> Verdict {
        judge(&Claim {
            platform: self.platform,
            shape: self.shape,
            names: &self.names,
            display_name: None,
            preview: self.preview.as_deref(),
            preview_unique: self.preview_unique,
            name_unique: true,
            cached: &self.cached,
            window: &self.window,
            limit: 50,
            before: &self.before,
            steady: self.steady,
            ids: self.ids.as_ref(),
            elsewhere: self.elsewhere.as_ref(),
            second_open_agrees: self.second_open_agrees,
            disturbed: self.disturbed,
        })
    }

    fn with(change: impl FnOnce(&mut Self)) -> Verdict {
        let mut case = case();
        change(&mut case);
        case.judge()
    }
}

/// The same thread on Instagram, under a changed address.
fn on_instagram(change: impl FnOnce(&mut Case)) -> Verdict {
    Case::with(|case| {
        case.platform = Platform::Instagram;
        case.ids = Some(ids("1", "2", None, ThreadOwner::Nobody));
        change(case);
    })
}

fn from(sender: &str, text: &str) -> ReadMessage {
    ReadMessage { sender: Some(sender.to_owned()), ..inbound(text) }
}

#[test]
fn a_senders() {
    let proved = Verdict::Proved(Proof::Senders);
    let documented = |window: Vec<ReadMessage>| {
        Case::with(|c| (c.shape, c.preview, c.window) = (Shape::Documented, None, window))
    };
    assert_eq!(documented(vec![outbound("hello"), from("@dana", "hi")]), proved);
    assert_eq!(
        documented(vec![from("dana", "hi"), from("sam", "hi")]),
        Verdict::Disproved(Disproof::ForeignSender)
    );
    assert_ne!(documented(vec![from("dana", "hi"), inbound("hi")]), proved);
    assert_ne!(documented(vec![outbound("hello")]), proved);
}

#[test]
fn b_thread_ids() {
    let proved = Verdict::Proved(Proof::ThreadId);
    assert_eq!(on_instagram(|_| {}), proved);
    // An id that is stored for the contact needs no help from the listing.
    let stored = |c: &mut Case| {
        (c.preview, c.preview_unique) = (None, false);
        c.ids = Some(ids("1", "2", Some("2"), ThreadOwner::This));
    };
    assert_eq!(on_instagram(stored), proved);
    // One that is not stored does: somebody else may have changed the address.
    let second = Verdict::Open(Missing::SecondOpen);
    assert_eq!(on_instagram(|c| (c.preview, c.preview_unique) = (None, false)), second);
    assert_eq!(on_instagram(|c| c.preview_unique = false), second);
    assert_eq!(on_instagram(|c| c.disturbed = true), proved);
    assert_eq!(on_instagram(|c| (c.preview_unique, c.second_open_agrees) = (false, true)), proved);
    // The address can change before the pane does.
    let window = case().window;
    assert_eq!(on_instagram(|c| c.before = PaneBefore::Showed(window)), Verdict::Open(Missing::Change));
    assert_eq!(
        on_instagram(|c| (c.steady, c.preview_unique) = (false, false)),
        Verdict::Open(Missing::SteadyRead)
    );
}

#[rstest]
#[case::anothers(ids("1", "2", None, ThreadOwner::Another), Disproof::AnothersThread)]
#[case::still_the_one_before(ids("2", "2", None, ThreadOwner::Nobody), Disproof::ThreadDidNotChange)]
#[case::still_anothers(ids("2", "2", None, ThreadOwner::Another), Disproof::ThreadDidNotChange)]
#[case::somebody_of_the_same_name(ids("1", "2", Some("3"), ThreadOwner::Nobody), Disproof::NotItsThread)]
fn b_ids_that_disprove(#[case] ids: ThreadIds, #[case] disproof: Disproof) {
    assert_eq!(on_instagram(|c| c.ids = Some(ids)), Verdict::Disproved(disproof));
}

#[test]
fn c_what_continues_the_cached_thread() {
    let thread = [outbound(TEMPLATE), inbound("tell me more about the collection"), outbound("gladly")];
    let grown: Vec<ReadMessage> = thread.iter().cloned().chain([inbound("ok")]).collect();
    // "ok" is nothing that a listing shows.
    let continues = |change: &dyn Fn(&mut Case)| {
        Case::with(|c| {
            (c.preview, c.preview_unique, c.window, c.cached) = (None, false, grown.clone(), stored(&thread));
            change(c);
        })
    };
    assert_eq!(continues(&|_| {}), Verdict::Open(Missing::Elsewhere));
    assert_eq!(continues(&|c| c.elsewhere = Some(Elsewhere::default())), Verdict::Proved(Proof::Continues));
    let everywhere = Elsewhere { texts: grown.iter().map(|m| m.text.clone()).collect(), ids: HashSet::new() };
    assert_eq!(continues(&|c| c.elsewhere = Some(everywhere.clone())), Verdict::Open(Missing::Evidence));
    let two = stored(&thread[1..]);
    assert_ne!(
        continues(&|c| (c.cached, c.elsewhere) = (two.clone(), Some(Elsewhere::default()))),
        Verdict::Proved(Proof::Continues)
    );
}

#[test]
fn d_the_listings_text_after_a_change() {
    assert_eq!(case().judge(), Verdict::Proved(Proof::Preview));
    assert_eq!(Case::with(|c| c.preview_unique = false), Verdict::Open(Missing::SecondOpen));
    assert_eq!(
        Case::with(|c| (c.preview_unique, c.second_open_agrees) = (false, true)),
        Verdict::Proved(Proof::Preview)
    );
    assert_eq!(Case::with(|c| c.before = PaneBefore::Unknown), Verdict::Open(Missing::SecondOpen));
    let window = case().window;
    assert_eq!(Case::with(|c| c.before = PaneBefore::Showed(window)), Verdict::Open(Missing::Change));
    // An older message that shows the listing's text proves nothing.
    assert_eq!(Case::with(|c| c.window.push(inbound("thanks"))), Verdict::Open(Missing::Evidence));
    for unusable in ["", "@dana_other", "You sent an attachment.", "ok"] {
        assert_eq!(
            Case::with(|c| c.preview = Some(unusable.to_owned())),
            Verdict::Open(Missing::Evidence),
            "{unusable}"
        );
    }
}

#[test]
fn real_ids_that_are_nobody_elses_stand_in_for_a_preview_of_its_own() {
    let window: Vec<ReadMessage> = vec![ReadMessage { id: Some("msg_1".to_owned()), ..outbound(TEMPLATE) }];
    let template = |elsewhere: Option<Elsewhere>| {
        Case::with(|c| {
            (c.shape, c.preview, c.preview_unique) = (Shape::Documented, Some(TEMPLATE.to_owned()), false);
            (c.window, c.elsewhere) = (window.clone(), elsewhere);
        })
    };
    assert_eq!(template(None), Verdict::Open(Missing::Elsewhere));
    assert_eq!(template(Some(Elsewhere::default())), Verdict::Proved(Proof::Preview));
    let stored = Elsewhere { texts: HashSet::new(), ids: HashSet::from(["msg_1".to_owned()]) };
    assert_eq!(template(Some(stored)), Verdict::Open(Missing::SecondOpen));
}

#[test]
fn what_disproves_wins_over_every_proof() {
    // The listing shows a text that the pane doesn't.
    let elsewhere = Some("a text that is not in the pane".to_owned());
    assert_eq!(on_instagram(|c| c.preview = elsewhere.clone()), Verdict::Disproved(Disproof::PreviewMissing));
    assert_eq!(
        Case::with(|c| {
            (c.shape, c.preview) = (Shape::Documented, elsewhere);
            c.window = vec![from("dana", "hi")];
        }),
        Verdict::Disproved(Disproof::PreviewMissing)
    );
    // The whole thread is shown, and most of what is cached is not in it.
    let cached: Vec<ReadMessage> =
        (0..9).map(|i| inbound(&format!("an older message, number {i}"))).collect();
    assert_eq!(on_instagram(|c| c.cached = stored(&cached)), Verdict::Disproved(Disproof::ForgotTooMuch));
}

#[test]
fn an_empty_pane_is_never_a_thread() {
    assert_eq!(on_instagram(|c| c.window.clear()), Verdict::Open(Missing::Messages));
    let stored = |c: &mut Case| {
        c.ids = Some(ids("1", "2", Some("2"), ThreadOwner::This));
        c.second_open_agrees = true;
    };
    assert_eq!(
        on_instagram(|c| {
            stored(c);
            c.window.clear();
        }),
        Verdict::Open(Missing::Messages)
    );
}

proptest! {
    /// Cold outreach: few texts, so that most threads look like others. The pane shows some thread; whatever is proved
    /// without a second open must be the opened contact's own thread, or the same to the letter.
    #[test]
    fn a_thread_that_is_not_the_contacts_is_not_proved_by_how_it_looks(
        threads in prop::collection::vec(prop::collection::vec((0..5_usize, any::<bool>()), 1..6), 2..7),
        opened in any::<prop::sample::Index>(),
        shown in any::<prop::sample::Index>(),
        before in any::<prop::sample::Index>(),
        platform in prop::sample::select(vec![Platform::Twitter, Platform::TikTok]),
    ) {
        let texts = [TEMPLATE, "sounds good to me", "what does it cost?", "ok", "not interested, sorry"];
        let threads: Vec<Vec<ReadMessage>> = threads
            .iter()
            .map(|thread| thread.iter().map(|(text, out)| if *out { outbound(texts[*text]) } else { inbound(texts[*text]) }).collect())
            .collect();
        let (opened, shown, before) = (opened.index(threads.len()), shown.index(threads.len()), before.index(threads.len()));
        let newest = |thread: &[ReadMessage]| thread.last().unwrap().text.clone();
        let alike = threads.iter().filter(|thread| newest(thread) == newest(&threads[opened])).count();
        let verdict = Case::with(|c| {
            c.platform = platform;
            c.preview = Some(newest(&threads[opened]));
            c.preview_unique = alike == 1 && preview::usable(platform, Shape::Real, &newest(&threads[opened])).is_some();
            c.window.clone_from(&threads[shown]);
            c.before = PaneBefore::Showed(threads[before].clone());
            c.elsewhere = Some(Elsewhere::default());
        });
        if let Verdict::Proved(_) = verdict {
            prop_assert_eq!(&threads[shown], &threads[opened]);
        }
        // And what can be proved is: its own thread, after another one, with a text that only it shows.
        let mine = shown == opened && alike == 1 && threads[before] != threads[shown];
        if mine && newest(&threads[opened]).chars().count() > 10 {
            prop_assert_eq!(verdict, Verdict::Proved(Proof::Preview));
        }
    }
}
