//! How a command ends.

use std::process::ExitCode;

/// The exit codes: a contract with scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// All is well.
    Fine,
    /// The input has errors; all of them have been reported.
    Input,
    /// The command was used wrongly.
    Usage,
    /// The environment failed: a file that cannot be read, a disk that is full.
    Environment,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Fine => 0,
            Exit::Input => 1,
            Exit::Usage => 2,
            Exit::Environment => 3,
        })
    }
}

/// Why a command ends before it is done.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What is still to be said; `None` where it has been said.
    pub text: Option<String>,
}

impl Failure {
    /// The environment failed.
    pub fn environment(text: impl Into<String>) -> Self {
        Self { exit: Exit::Environment, text: Some(text.into()) }
    }

    /// The command was used wrongly.
    pub fn usage(text: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, text: Some(text.into()) }
    }

    /// The input has errors, which have been reported.
    pub const fn reported() -> Self {
        Self { exit: Exit::Input, text: None }
    }
}
