//! The four exit statuses, and how failures map to them.

use std::io;
use std::process::ExitCode;

use crm_sync_engine::sync::RunOutcome;
use crm_sync_engine::{ApiError, Code, Fix};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// All that was asked for succeeded.
    Ok,
    /// Nothing could be done.
    Nothing,
    /// The call or the configuration is wrong; nothing was started.
    WrongCall,
    /// Partly done, or cancelled; what succeeded is saved.
    Partly,
}

impl Exit {
    /// The number that the shell sees.
    pub const fn code(self) -> i32 {
        match self {
            Self::Ok => 0,
            Self::Nothing => 1,
            Self::WrongCall => 2,
            Self::Partly => 3,
        }
    }

    /// `done` of `asked` succeeded.
    pub const fn of(done: usize, asked: usize) -> Self {
        if done == asked {
            Self::Ok
        } else if done == 0 {
            Self::Nothing
        } else {
            Self::Partly
        }
    }
}

impl From<RunOutcome> for Exit {
    fn from(outcome: RunOutcome) -> Self {
        match outcome {
            RunOutcome::Ok => Self::Ok,
            RunOutcome::Failed => Self::Nothing,
            RunOutcome::Partial | RunOutcome::Cancelled => Self::Partly,
        }
    }
}

impl From<&ApiError> for Exit {
    fn from(error: &ApiError) -> Self {
        match error.code {
            Code::InvalidSettings | Code::InvalidInput => Self::WrongCall,
            Code::Cancelled => Self::Partly,
            Code::SyncRunning | Code::CacheUnusable | Code::Unwritable | Code::ServiceFailed => Self::Nothing,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(u8::try_from(exit.code()).unwrap_or(u8::MAX))
    }
}

/// Why a command could not go on.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The engine said no.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// Standard output can't be written, or the operating system refused something else.
    #[error("the result could not be written: {0}")]
    Io(#[from] io::Error),
}

impl Failure {
    /// A wrong call that only shows once the arguments are looked at together.
    pub fn wrong_call(message: impl Into<String>) -> Self {
        Self::Api(ApiError::new(Code::InvalidInput, message))
    }

    /// The exit status.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Api(error) => Exit::from(error),
            Self::Io(_) => Exit::Nothing,
        }
    }

    /// The failure as the engine would have said it.
    pub fn into_api(self) -> ApiError {
        match self {
            Self::Api(error) => error,
            Self::Io(_) => ApiError::new(Code::Unwritable, self.to_string())
                .with_fix(Fix::say("Look whether the disk is full, or print to another place.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(RunOutcome::Ok, 0)]
    #[case(RunOutcome::Failed, 1)]
    #[case(RunOutcome::Partial, 3)]
    #[case(RunOutcome::Cancelled, 3)]
    fn a_run_ends_with_its_status(#[case] outcome: RunOutcome, #[case] status: i32) {
        assert_eq!(Exit::from(outcome).code(), status);
    }

    #[rstest]
    #[case(Code::InvalidSettings, 2)]
    #[case(Code::InvalidInput, 2)]
    #[case(Code::SyncRunning, 1)]
    #[case(Code::CacheUnusable, 1)]
    #[case(Code::Cancelled, 3)]
    fn a_failure_ends_with_its_status(#[case] code: Code, #[case] status: i32) {
        assert_eq!(Failure::Api(ApiError::new(code, "x")).exit().code(), status);
    }

    #[test]
    fn some_of_many_is_partly_done() {
        assert_eq!(
            [Exit::of(3, 3), Exit::of(0, 3), Exit::of(1, 3), Exit::of(0, 0)].map(Exit::code),
            [0, 1, 3, 0]
        );
    }
}
