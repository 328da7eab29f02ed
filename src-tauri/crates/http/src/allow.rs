//! The allow-list: every call that may be made to a service.
//!
//! The services listen without a password and offer far more than reading: they send messages, accept requests and
//! run any script in a signed-in browser tab. So a path has to be on this list as it stands, character by character;
//! whatever a URL parser would change about it (dots, double slashes, back slashes) is refused with it.

use url::Url;

use crate::Method;
use crate::Method::{Get, Post};

/// The routes that carry no platform prefix on any service.
const SHARED: &[(Method, &str)] = &[
    (Get, "/health"),
    (Get, "/api/session/status"),
    (Post, "/api/session/ensure"),
    (Post, "/api/session/clear"),
    (Get, "/api/tabs/claims"),
    (Post, "/api/tabs/release"),
];

/// Instagram's routes: `/api` is its prefix.
const INSTAGRAM: &[(Method, &str)] = &[
    (Get, "/api/status"),
    (Get, "/api/rate-limits"),
    (Post, "/api/inbox/navigate"),
    (Post, "/api/inbox/tab"),
    (Get, "/api/conversations"),
    (Get, "/api/conversations/all"),
    (Get, "/api/conversations/unread"),
    (Post, "/api/conversations/open"),
    (Get, "/api/messages"),
    (Get, "/api/threads"),
    (Post, "/api/threads/register"),
    (Get, "/api/crm/stats"),
    (Get, "/api/crm/top-contacts"),
    (Post, "/api/crm/score"),
    (Post, "/api/crm/score-all"),
];

/// Twitter's routes.
const TWITTER: &[(Method, &str)] = &[
    (Get, "/api/twitter/status"),
    (Get, "/api/twitter/rate-status"),
    (Get, "/api/twitter/rate-limits"),
    (Post, "/api/twitter/inbox/navigate"),
    (Get, "/api/twitter/conversations"),
    (Get, "/api/twitter/conversations/all"),
    (Get, "/api/twitter/conversations/unread"),
    (Get, "/api/twitter/conversations/search"),
    (Post, "/api/twitter/conversations/open"),
    (Post, "/api/twitter/conversations/scroll"),
    (Get, "/api/twitter/messages"),
    (Get, "/api/twitter/crm/stats"),
    (Get, "/api/twitter/crm/top-contacts"),
    (Post, "/api/twitter/crm/score"),
    (Post, "/api/twitter/crm/score-all"),
];

/// TikTok's routes. Its aliases without the prefix answer in another shape and are not used.
const TIKTOK: &[(Method, &str)] = &[
    (Get, "/api/tiktok/status"),
    (Get, "/api/tiktok/error-check"),
    (Get, "/api/tiktok/rate-status"),
    (Get, "/api/tiktok/rate-limits"),
    (Post, "/api/tiktok/inbox/navigate"),
    (Get, "/api/tiktok/conversations"),
    (Get, "/api/tiktok/conversations/unread"),
    (Post, "/api/tiktok/conversations/open"),
    (Post, "/api/tiktok/conversations/scroll"),
    (Get, "/api/tiktok/messages"),
    (Get, "/api/tiktok/crm/stats"),
    (Get, "/api/tiktok/crm/top-contacts"),
    (Post, "/api/tiktok/crm/score"),
    (Post, "/api/tiktok/crm/score-all"),
];

/// `GET /api/threads/<name>`: the only route with a part that varies.
const THREAD_OF: &str = "/api/threads/";

/// Every fixed route of the list.
pub fn routes() -> impl Iterator<Item = (Method, &'static str)> {
    [SHARED, INSTAGRAM, TWITTER, TIKTOK].into_iter().flatten().copied()
}

/// The URL to call, when the list has it: `origin` is scheme, host and port; `path_and_query` begins with `/`.
pub(crate) fn url(origin: &str, method: Method, path_and_query: &str) -> Option<Url> {
    let path = path_and_query.split('?').next().unwrap_or_default();
    if !is_allowed(method, path) || path_and_query.contains(['#', '\\']) {
        return None;
    }
    let url = Url::parse(&format!("{origin}{path_and_query}")).ok()?;
    let unchanged = url.path() == path && url.origin().ascii_serialization() == with_origin(origin)?;
    unchanged.then_some(url)
}

fn with_origin(origin: &str) -> Option<String> {
    Some(Url::parse(origin).ok()?.origin().ascii_serialization())
}

fn is_allowed(method: Method, path: &str) -> bool {
    let listed = routes().any(|route| route == (method, path));
    listed || (method == Get && path.strip_prefix(THREAD_OF).is_some_and(is_one_segment))
}

/// One percent-encoded path segment that stays one after decoding.
fn is_one_segment(segment: &str) -> bool {
    let lower = segment.to_ascii_lowercase();
    !segment.is_empty()
        && segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%@!$&'()*+,;=:".contains(&b))
        && !["%2f", "%5c", "%00"].iter().any(|encoded| lower.contains(encoded))
        && !matches!(lower.replace("%2e", ".").as_str(), "." | "..")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    const ORIGIN: &str = "http://127.0.0.1:3001";

    #[test]
    fn every_route_of_the_list_can_be_called_with_and_without_a_query() {
        for (method, path) in routes() {
            assert!(url(ORIGIN, method, path).is_some(), "{method} {path}");
            assert!(url(ORIGIN, method, &format!("{path}?limit=5000&q=a%2Fb")).is_some(), "{method} {path}");
        }
        assert!(url(ORIGIN, Get, "/api/threads/dana%20whitfield").is_some());
        assert!(url(ORIGIN, Get, "/api/threads/%D9%86%D9%88%D8%B1").is_some());
    }

    #[rstest]
    fn nothing_that_acts_for_the_account_can_be_called(
        #[values("/api", "/api/twitter", "/api/tiktok", "/api/instagram", "/api/linkedin", "")] prefix: &str,
        #[values(
            "/execute",
            "/debug/eval",
            "/messages/send",
            "/messages/send-to",
            "/messages/send-by-url",
            "/conversations/new",
            "/requests/accept",
            "/requests/decline",
            "/requests",
            "/prospect/discover",
            "/prospect/score",
            "/prospect/dm",
            "/tabs/claim",
            "/tabs/heartbeat",
            "/tabs",
            "/error-retry",
            "/dm/send",
            "/dm/conversations",
            "/dm/messages/1",
            "/outreach/run",
            "/ai/generate",
            "/navigate",
            "/screenshot",
            "/session",
            "/rate-limits/reset",
            "/threads/register/x",
            "/crm",
            "/crm/contacts",
            "/does-not-exist"
        )]
        rest: &str,
    ) {
        for method in [Get, Post] {
            let path = format!("{prefix}{rest}");
            assert!(url(ORIGIN, method, &path).is_none(), "{method} {path}");
        }
    }

    #[rstest]
    #[case(Post, "/api/messages")]
    #[case(Post, "/api/twitter/messages")]
    #[case(Post, "/api/tiktok/messages")]
    #[case(Post, "/api/rate-limits")]
    #[case(Post, "/api/twitter/rate-limits")]
    #[case(Get, "/api/conversations/open")]
    #[case(Get, "/api/crm/score-all")]
    #[case(Post, "/api/threads/dana")]
    #[case(Post, "/health")]
    fn a_listed_path_does_not_allow_another_method(#[case] method: Method, #[case] path: &str) {
        assert!(url(ORIGIN, method, path).is_none());
    }

    #[rstest]
    #[case("/api/conversations/../execute")]
    #[case("/api/conversations/%2e%2e/execute")]
    #[case("/api/x/../conversations")]
    #[case("/api/./conversations")]
    #[case("//api/conversations")]
    #[case("/api//conversations")]
    #[case("/api/conversations/")]
    #[case("/API/conversations")]
    #[case("/api/Conversations")]
    #[case("/api/conversations%20")]
    #[case("/api/%63onversations")]
    #[case("/api\\conversations")]
    #[case("/api/conversations\\..\\execute")]
    #[case("/api/conversations;x")]
    #[case("/api/conversations#?")]
    #[case("/api/con\tversations")]
    #[case("/api/conversations\n")]
    #[case(" /api/conversations")]
    #[case("api/conversations")]
    #[case("@evil.example/health")]
    #[case(":80/health")]
    #[case("")]
    #[case("/")]
    #[case("/api/threads/")]
    #[case("/api/threads/..")]
    #[case("/api/threads/%2e%2E")]
    #[case("/api/threads/a/b")]
    #[case("/api/threads/a%2Fb")]
    #[case("/api/threads/..%2f..%2fexecute")]
    #[case("/api/threads/a%5Cb")]
    #[case("/api/threads/dana whitfield")]
    fn no_spelling_gets_around_the_list(#[case] path: &str) {
        assert!(url(ORIGIN, Get, path).is_none(), "{path}");
        assert!(url(ORIGIN, Post, path).is_none(), "{path}");
    }

    proptest! {
        #[test]
        fn what_passes_is_called_as_it_was_checked(path in "[/a-zA-Z.%2eEfF\\\\?#@:-]{0,40}") {
            for method in [Get, Post] {
                if let Some(url) = url(ORIGIN, method, &path) {
                    prop_assert!(is_allowed(method, url.path()));
                    prop_assert_eq!(url.host_str(), Some("127.0.0.1"));
                    prop_assert_eq!(url.port(), Some(3001));
                }
            }
        }

        #[test]
        fn no_query_changes_where_a_call_goes(query in "\\PC{0,40}") {
            if let Some(url) = url(ORIGIN, Get, &format!("/api/messages?{query}")) {
                prop_assert_eq!(url.path(), "/api/messages");
                prop_assert_eq!(url.host_str(), Some("127.0.0.1"));
            }
        }
    }
}
