//! The attempts at an execution: how it stands, and what it came to each time before it was made to run again.

use salesdash_store::Scope;
use salesdash_store::attempts::Again;
use salesdash_store::executions::{Execution as Stored, Status};
use schemars::JsonSchema;
use serde::Serialize;

use crate::app::Worked;
use crate::routes::executions::Writes;
use crate::wire::{Id, Time};

/// An attempt at an execution.
#[derive(Serialize, JsonSchema)]
pub struct Attempt {
    /// Its id; null for the newest, which is how the execution stands.
    id: Option<Id>,
    /// When it ran; when it was called for while it waits.
    at: Time,
    /// As that of an execution.
    status: &'static str,
    /// The version of the spec that ran.
    version: i64,
    took_us: i64,
    /// The code of its first error.
    code: Option<String>,
    /// Its first error in words.
    message: Option<String>,
    writes: Writes,
    /// How it was asked for; null for the first, which the record itself (or a job) called for.
    asked: Option<Asked>,
}

/// How an attempt was asked for.
#[derive(Serialize, JsonSchema)]
struct Asked {
    at: Time,
    /// Who asked for it.
    by: String,
    /// Whether it was to run with the version that ran before, and not with the newest.
    same_version: bool,
    /// Whether its enrichments were to be fetched again.
    fresh: bool,
}

impl Attempt {
    /// Every attempt at an execution, newest first.
    pub fn all(scope: &mut Scope<'_>, now: &Stored) -> Worked<Vec<Self>> {
        // How an attempt was asked for stands with the one before it.
        let earlier = scope.attempts(now)?;
        let asked = earlier.iter().map(|before| {
            let Again { by, pinned, fresh } = before.next.clone();
            Some(Asked { at: Time(before.id), by, same_version: pinned, fresh })
        });
        let asked: Vec<_> = asked.chain([None]).collect();
        let stored = std::iter::once((None, now)).chain(earlier.iter().map(|attempt| (Some(Id(attempt.id)), &attempt.execution)));
        let attempts = stored.zip(asked).map(|((id, stored), asked)| {
            let waits = stored.status == Status::Waiting;
            let called = asked.as_ref().map_or(Time(stored.id), |asked| Time(asked.at.0));
            Self {
                id,
                at: if waits || stored.at == 0 { called } else { Time(stored.at) },
                status: stored.status.name(),
                version: stored.version,
                took_us: stored.took,
                code: if waits { None } else { stored.code.clone() },
                message: if waits { None } else { stored.message.clone() },
                writes: if waits { Writes::default() } else { Writes::of(stored.outcome.as_deref()) },
                asked,
            }
        });
        Ok(attempts.collect())
    }
}
