//! How long a service takes by itself: the sleeps in its code and the browser behind it.

use std::collections::BTreeMap;
use std::time::Duration;

use crm_sync_domain::Platform;

use crate::Endpoint;

/// The services' own delays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timings {
    base: Base,
    own: BTreeMap<Endpoint, Duration>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Base {
    #[default]
    None,
    WorldA,
    Demo,
    Real,
}

/// What a call's delay depends on besides its endpoint.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Work {
    /// An `open` that found nothing.
    pub(crate) miss: bool,
    /// An `open` by a registered thread id.
    pub(crate) registered: bool,
    /// Times that a list or thread is scrolled.
    pub(crate) scrolls: u32,
}

impl Timings {
    /// At once.
    pub fn none() -> Self {
        Self::default()
    }

    /// The benchmarks' first world: open 120 ms, messages 40 ms, lists 200 ms, scroll 150 ms.
    pub fn world_a() -> Self {
        Self { base: Base::WorldA, own: BTreeMap::new() }
    }

    /// Quick, yet slow enough to watch.
    pub fn demo() -> Self {
        Self { base: Base::Demo, own: BTreeMap::new() }
    }

    /// As measured on the real servers.
    pub fn real() -> Self {
        Self { base: Base::Real, own: BTreeMap::new() }
    }

    /// One endpoint's delay instead.
    #[must_use]
    pub fn with(mut self, endpoint: Endpoint, delay: Duration) -> Self {
        self.own.insert(endpoint, delay);
        self
    }

    /// What a planned call costs: a hit, one scroll, nothing registered. For the benchmarks' limit.
    pub fn planned(&self, platform: Platform, endpoint: Endpoint) -> Duration {
        let scrolls = u32::from(endpoint == Endpoint::Scroll);
        self.of(platform, endpoint, Work { scrolls, ..Work::default() })
    }

    pub(crate) fn of(&self, platform: Platform, endpoint: Endpoint, work: Work) -> Duration {
        if let Some(own) = self.own.get(&endpoint) {
            return *own;
        }
        Duration::from_millis(match self.base {
            Base::None => 0,
            Base::WorldA => quick(endpoint, [120, 40, 200, 150]),
            Base::Demo => quick(endpoint, [35, 12, 120, 60]),
            Base::Real => real(platform, endpoint, work),
        })
    }
}

/// Milliseconds of open, messages, lists, scroll.
fn quick(endpoint: Endpoint, [open, messages, list, scroll]: [u64; 4]) -> u64 {
    match endpoint {
        Endpoint::Open => open,
        Endpoint::Messages => messages,
        Endpoint::List | Endpoint::ListAll | Endpoint::Unread => list,
        Endpoint::Scroll => scroll,
        _ => 0,
    }
}

/// Milliseconds. Source: the services' recordings.
fn real(platform: Platform, endpoint: Endpoint, work: Work) -> u64 {
    match (platform, endpoint) {
        // Four tabs; each waits for the tab, the list, its scrolls and the end.
        (Platform::Instagram, Endpoint::ListAll) => {
            4 * (2_000 + 3_000 + 1_200 * u64::from(work.scrolls.clamp(3, 20)) + 2_000)
        }
        (Platform::Instagram, Endpoint::List) => 2_400 + 1_800 * u64::from(work.scrolls),
        (Platform::Instagram, Endpoint::Open) if work.registered => 4_200,
        (Platform::Instagram, Endpoint::Open) => 2_400,
        (Platform::Instagram, Endpoint::Messages) => 400,
        (Platform::Instagram, Endpoint::SelectTab) => 4_800,
        (Platform::Twitter, Endpoint::ListAll) => 7_000,
        (Platform::Twitter, Endpoint::List) => 320,
        (Platform::Twitter, Endpoint::Open) => 2_200,
        (Platform::Twitter, Endpoint::Scroll) => 1_500 * u64::from(work.scrolls) + 800,
        (Platform::Twitter, Endpoint::Messages) => 200,
        (Platform::TikTok, Endpoint::List) => 130,
        (Platform::TikTok, Endpoint::Open) if work.miss => 5_000,
        (Platform::TikTok, Endpoint::Open) => 1_900,
        (Platform::TikTok, Endpoint::Scroll) => 1_700,
        (Platform::TikTok, Endpoint::Messages) => 250,
        (_, Endpoint::Unread) if platform != Platform::Instagram => 6_100,
        (_, Endpoint::Navigate) => 4_600,
        (_, Endpoint::PageStatus | Endpoint::RateStatus | Endpoint::ErrorCheck | Endpoint::Unread) => 300,
        (_, Endpoint::SessionEnsure) => 120,
        (_, endpoint) if endpoint.is_crm() => 30,
        _ => 0,
    }
}
