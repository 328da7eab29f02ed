//! How the three services behave.

use crm_sync_domain::{Platform, Shape};

pub use crate::behaviour::{Change, Claim, Crm, Ids, Late, Login, Meanwhile, Script, When};
pub use crate::platform_scenario::PlatformScenario;
use crate::world::index;
use crate::{Clock, Timings};

/// How the three services behave.
#[derive(Debug, Clone)]
pub struct Scenario {
    pub(crate) platforms: [PlatformScenario; 3],
    pub(crate) clock: Clock,
}

impl Scenario {
    /// All three as the published documentation says, at once and without faults.
    pub fn documented() -> Self {
        Self::of(Shape::Documented)
    }

    /// All three as the real servers answer (Twitter with its `open` mended), at once and without faults.
    pub fn real() -> Self {
        Self::of(Shape::Real)
    }

    /// For people: the documented shape at a pace that can be watched, on the clock given.
    pub fn demo(clock: Clock) -> Self {
        Self::documented().clock(clock).everywhere(|p| p.timings(Timings::demo()))
    }

    fn of(shape: Shape) -> Self {
        Self {
            platforms: Platform::ALL.map(|platform| PlatformScenario::new(platform, shape)),
            clock: Clock::default(),
        }
    }

    /// What time it is for the services.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Changes one platform.
    #[must_use]
    pub fn on(
        mut self,
        platform: Platform,
        change: impl FnOnce(PlatformScenario) -> PlatformScenario,
    ) -> Self {
        let place = &mut self.platforms[index(platform)];
        *place = change(place.clone());
        self
    }

    /// Changes all platforms.
    #[must_use]
    pub fn everywhere(mut self, change: impl Fn(PlatformScenario) -> PlatformScenario) -> Self {
        self.platforms = self.platforms.map(change);
        self
    }

    /// One platform as it stands.
    pub fn platform(&self, platform: Platform) -> &PlatformScenario {
        &self.platforms[index(platform)]
    }
}
