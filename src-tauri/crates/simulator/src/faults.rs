//! Everything that can go wrong with one call, by count and never by chance.

use std::time::Duration;

use crate::Endpoint;

/// One thing that goes wrong: on which calls, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which calls; `None`: all of the platform.
    pub endpoint: Option<Endpoint>,
    /// The first of them that is hit, counted from 1.
    pub from_call: u32,
    /// How many are hit; `None`: all from then on.
    pub times: Option<u32>,
    /// How.
    pub kind: FaultKind,
}

impl Fault {
    /// Every call of an endpoint, from the first on.
    pub fn on(endpoint: Endpoint, kind: FaultKind) -> Self {
        Self { endpoint: Some(endpoint), from_call: 1, times: None, kind }
    }

    /// Every call of the platform, from the first on.
    pub fn everywhere(kind: FaultKind) -> Self {
        Self { endpoint: None, from_call: 1, times: None, kind }
    }

    /// Not before the n-th of these calls, counted from 1.
    #[must_use]
    pub fn from_call(mut self, n: u32) -> Self {
        self.from_call = n.max(1);
        self
    }

    /// On n calls only.
    #[must_use]
    pub fn times(mut self, n: u32) -> Self {
        self.times = Some(n);
        self
    }

    pub(crate) fn concerns(&self, endpoint: Endpoint) -> bool {
        self.endpoint.is_none_or(|own| own == endpoint)
    }

    /// Whether the n-th such call, counted from 1, is hit.
    pub(crate) fn hits(&self, n: u32) -> bool {
        n >= self.from_call && self.times.is_none_or(|times| n - self.from_call < times)
    }
}

/// How a call goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// The server stops listening before it answers; [`Simulator::listen_again`](crate::Simulator::listen_again)
    /// ends that. For a server that never listened see
    /// [`PlatformScenario::not_running`](crate::PlatformScenario::not_running).
    Refused,
    /// That status with `{"error": …}` or the given body, and `Retry-After` in seconds.
    Status {
        /// HTTP status.
        code: u16,
        /// Seconds.
        retry_after: Option<u64>,
        /// The whole body as text; `None`: a JSON error.
        body: Option<String>,
    },
    /// The server does what it was asked and never answers. Ends when the client goes away or the simulator stops.
    Hang,
    /// The server does what it was asked; the connection is reset instead of an answer.
    Reset,
    /// The server does what it was asked; the connection ends in the middle of the answer.
    Truncated,
    /// The server does what it was asked; the answer takes that long, byte by byte.
    SlowBody(Duration),
    /// A web page with status 200.
    Html,
    /// `null` with status 200.
    Null,
    /// An empty body with status 200.
    NoBody,
    /// The right fields with values of other types.
    WrongTypes,
    /// The right answer, its list mixed with entries that can't be understood (null, text, a row without a name).
    OddRows,
    /// The right answer with bytes that are no UTF-8 in its texts.
    BadUtf8,
    /// The right answer with an unpaired surrogate escape in its texts.
    LoneSurrogate,
    /// A JSON answer of that many bytes, made while it is sent.
    HugeBody(u64),
    /// 302 to that address.
    Redirect(String),
    /// The right answer, but without a single row, message or contact.
    EmptyAfterFull,
    /// Another program answers on the port.
    AnotherProgram,
    /// What a page script that failed looks like: 500 with a long text of several lines.
    ScriptError,
}

impl FaultKind {
    /// A bare status.
    pub fn status(code: u16) -> Self {
        Self::Status { code, retry_after: None, body: None }
    }

    /// 429 with `Retry-After`.
    pub fn rate_limited(seconds: u64) -> Self {
        Self::Status { code: 429, retry_after: Some(seconds), body: None }
    }

    /// The server has done its part before the answer is spoiled.
    pub(crate) fn acts(&self) -> bool {
        matches!(
            self,
            Self::Hang
                | Self::Reset
                | Self::Truncated
                | Self::SlowBody(_)
                | Self::WrongTypes
                | Self::OddRows
                | Self::BadUtf8
                | Self::LoneSurrogate
                | Self::EmptyAfterFull
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_hits_the_calls_it_names_and_no_others() {
        let fault = Fault::on(Endpoint::Open, FaultKind::Hang).from_call(3).times(2);
        assert_eq!((1..7).filter(|n| fault.hits(*n)).collect::<Vec<_>>(), [3, 4]);
        assert!(fault.concerns(Endpoint::Open) && !fault.concerns(Endpoint::Messages));
        assert!(Fault::everywhere(FaultKind::Null).concerns(Endpoint::Health));
    }
}
