//! Things done over in bulk: a range of records reprocessed with the newest spec, and that undone. A job goes on after a restart, can be
//! cancelled, and tells how far it is.

use salesdash_store::executions::Status;
use salesdash_value::Value;

/// What is to be reprocessed: the records of a range, by every enabled link of a processor or by one link, with the newest spec and
/// constants. What the executions before wrote and the new ones do not is taken away.
#[derive(Clone, Debug)]
pub struct ReprocessRequest {
    /// The processor.
    pub processor: i64,
    /// One of its links only.
    pub link: Option<i64>,
    /// Records received from this time on, in microseconds.
    pub from: Option<i64>,
    /// Records received before this time; now where it is not given.
    pub to: Option<i64>,
    /// Whether enrichments are fetched again; else those that were recorded serve.
    pub fresh: bool,
    /// Who asks for it.
    pub actor: String,
}

/// A job and how far it is.
#[derive(Clone, Debug)]
pub struct JobState {
    /// Its id: when it was started.
    pub id: i64,
    /// `reprocess`.
    pub kind: String,
    /// `running`, `cancelled`, `finished`, `undoing` or `undone`.
    pub state: String,
    /// What it works on, as it was asked for.
    pub request: Value,
    /// Executions it calls for.
    pub total: i64,
    /// Executions that ended (or were undone).
    pub done: i64,
    /// Its executions by status.
    pub counts: Vec<(Status, i64)>,
    /// Rows that undoing left alone, because something else has written them since.
    pub left: i64,
}

impl crate::Engine {
    /// How many records a reprocessing would run.
    ///
    /// # Errors
    /// Where there is no such processor or link.
    pub fn count_reprocess(&self, _tenant: i64, _request: &ReprocessRequest) -> crate::Result<i64> {
        todo!()
    }

    /// Starts a job that reprocesses a range. Look at [`crate::Engine::preview`] first.
    ///
    /// # Errors
    /// Where there is no such processor or link.
    pub fn reprocess(self: &std::sync::Arc<Self>, _tenant: i64, _request: &ReprocessRequest) -> crate::Result<JobState> {
        todo!()
    }

    /// How far a job is.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn job(&self, _tenant: i64, _job: i64) -> crate::Result<JobState> {
        todo!()
    }

    /// The jobs, newest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn jobs(&self, _tenant: i64, _paging: salesdash_store::Paging) -> crate::Result<salesdash_store::Page<JobState>> {
        todo!()
    }

    /// Cancels a job that runs: what it has done stays, what it called for and has not run yet does not run.
    ///
    /// # Errors
    /// Where there is none of this id that runs.
    pub fn cancel_job(self: &std::sync::Arc<Self>, _tenant: i64, _job: i64) -> crate::Result<JobState> {
        todo!()
    }

    /// Undoes what the executions of an ended job wrote; rows that something else has written since are left alone and counted.
    ///
    /// # Errors
    /// Where there is none of this id that has ended.
    pub fn undo_job(self: &std::sync::Arc<Self>, _tenant: i64, _job: i64) -> crate::Result<JobState> {
        todo!()
    }
}
