//! Jobs: long work that a person starts, watches and can cancel, and that goes on after a restart.

use crate::error::{Result, StoreError};
use crate::executions::Status;
use crate::numbers::of_model;
use crate::sql::Row;
use crate::{Page, Paging, Scope, Store, params};

/// A job.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its id.
    pub id: i64,
    /// What it does: `reprocess` or `backfill`.
    pub kind: String,
    /// `running`, `cancelled`, `finished`, `undoing` or `undone`; of an erasure also `searching`, `found` and `erasing`.
    pub state: String,
    /// What it works on and how far it is, as JSON.
    pub document: String,
}

fn job(row: &dyn Row) -> Result<Job> {
    Ok(Job { id: row.int(0)?, kind: row.text(1)?, state: row.text(2)?, document: row.text(3)? })
}

impl Store {
    /// The jobs of all tenants in a state, oldest first: the tenant and the job.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn jobs_in(&self, state: &str) -> Result<Vec<(i64, Job)>> {
        let query = "SELECT id, kind, state, document, tenant FROM jobs WHERE state = $1 ORDER BY id";
        self.database().read(|sql| sql.rows(query, params![state], |row| Ok((row.int(4)?, job(row)?))))
    }
}

impl Scope<'_> {
    /// Stores a job that runs.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn create_job(&mut self, kind: &str, document: &str) -> Result<Job> {
        self.create_job_in(kind, "running", document)
    }

    /// Stores a job that begins in this state.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn create_job_in(&mut self, kind: &str, state: &str, document: &str) -> Result<Job> {
        let id = self.next_id();
        let sql = "INSERT INTO jobs (tenant, id, kind, state, document) VALUES ($1, $2, $3, $4, $5)";
        self.sql.execute(sql, params![self.tenant, id, kind, state, document])?;
        Ok(Job { id, kind: kind.to_owned(), state: state.to_owned(), document: document.to_owned() })
    }

    /// A job.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn job(&mut self, id: i64) -> Result<Job> {
        let sql = "SELECT id, kind, state, document FROM jobs WHERE tenant = $1 AND id = $2";
        self.sql.row(sql, params![self.tenant, id], job)?.ok_or(StoreError::Missing("job"))
    }

    /// The jobs, newest first; of one kind where it is given.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn jobs(&mut self, kind: Option<&str>, paging: Paging) -> Result<Page<Job>> {
        let sql = "SELECT id, kind, state, document FROM jobs WHERE tenant = $1 AND id < $2 AND kind = COALESCE($4, kind) \
                   ORDER BY id DESC LIMIT $3";
        let rows = self.sql.rows(sql, params![self.tenant, paging.before, paging.fetch(), kind], job)?;
        Ok(paging.page(rows, |job| job.id))
    }

    /// The jobs of a kind in a state, oldest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn jobs_of(&mut self, kind: &str, state: &str) -> Result<Vec<Job>> {
        let sql = "SELECT id, kind, state, document FROM jobs WHERE tenant = $1 AND kind = $2 AND state = $3 ORDER BY id";
        self.sql.rows(sql, params![self.tenant, kind, state], job)
    }

    /// Moves a job from one state to another, or stays within it, with a new document. False where it is in another state.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn update_job(&mut self, id: i64, from: &str, to: &str, document: &str) -> Result<bool> {
        let sql = "UPDATE jobs SET state = $1, document = $2 WHERE tenant = $3 AND id = $4 AND state = $5";
        Ok(self.sql.execute(sql, params![to, document, self.tenant, id, from])? > 0)
    }

    /// How many executions a job called for, by status.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn job_counts(&mut self, job: i64) -> Result<Vec<(Status, i64)>> {
        let sql = "SELECT status, COUNT(*) FROM executions WHERE tenant = $1 AND job = $2 GROUP BY status";
        let rows = self.sql.rows(sql, params![self.tenant, job], |row| Ok((row.int(0)?, row.int(1)?)))?;
        Ok(rows.into_iter().filter_map(|(status, count)| Some((Status::from_number(status)?, count))).collect())
    }

    /// The executions that a job called for, newest first, those of some states only: their ids, at most `limit` below `before`.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn job_executions(&mut self, job: i64, statuses: &[Status], before: i64, limit: usize) -> Result<Vec<i64>> {
        let statuses: Vec<String> = statuses.iter().map(|status| status.number().to_string()).collect();
        let sql = format!(
            "SELECT id FROM executions WHERE tenant = $1 AND job = $2 AND id < $3 AND status IN ({}) ORDER BY id DESC LIMIT $4",
            statuses.join(", ")
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.sql.rows(&sql, params![self.tenant, job, before, limit], |row| row.int(0))
    }

    /// Stores an execution that a job calls for, for a record that has been executed before. One that failed before counts as replaced.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn insert_again(&mut self, source: i64, source_model: i64, link: i64, constants: i64, job: i64) -> Result<i64> {
        let sql = format!("SELECT id FROM executions WHERE tenant = $1 AND {} AND +link = $3 AND status = 5", of_model("executions", "$2"));
        let failed = self.sql.rows(&sql, params![self.tenant, source_model, link], |row| row.int(0))?;
        for failed in &failed {
            self.set_status(*failed, Status::Replaced)?;
            self.count_failed(source, source_model, -1)?;
        }
        self.unsettle(source, source_model, false)?;
        self.insert_execution(source_model, link, 0, constants, Some(job))
    }

    /// Takes back an execution that a job called for and that still waits.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn withdraw(&mut self, execution: i64, source: i64) -> Result<()> {
        let known = self.execution(execution)?;
        if known.status != Status::Waiting || !self.dequeue(execution)? {
            return Ok(());
        }
        self.resume(execution)?;
        self.forget_attempts(execution)?;
        let sql = "DELETE FROM executions WHERE tenant = $1 AND id = $2";
        self.sql.execute(sql, params![self.tenant, execution])?;
        self.settle(source, known.source_model, false)?;
        self.bring_back(source, known.source_model, known.link)
    }

    /// Notes that what an execution wrote has been undone. The one that it replaced counts again.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn note_undone(&mut self, execution: i64, source: i64) -> Result<()> {
        let known = self.execution(execution)?;
        self.set_status(execution, Status::Undone)?;
        if known.status == Status::Failed {
            self.count_failed(source, known.source_model, -1)?;
        }
        self.bring_back(source, known.source_model, known.link)
    }

    /// Has the failures of a record that were replaced count again.
    fn bring_back(&mut self, source: i64, source_model: i64, link: i64) -> Result<()> {
        let sql = format!("SELECT id FROM executions WHERE tenant = $1 AND {} AND +link = $3 AND status = 8", of_model("executions", "$2"));
        for replaced in self.sql.rows(&sql, params![self.tenant, source_model, link], |row| row.int(0))? {
            self.set_status(replaced, Status::Failed)?;
            self.count_failed(source, source_model, 1)?;
        }
        Ok(())
    }

    /// The executions that source models called for which a backfill alone brought, whoever called for them, newest first: those that
    /// wait, or those that have ended and are not undone. At most `limit`.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn brought_executions(&mut self, job: i64, waiting: bool, limit: usize) -> Result<Vec<i64>> {
        let sql = format!(
            "SELECT e.id FROM source_models m JOIN executions e ON e.tenant = m.tenant AND {} \
             WHERE m.tenant = $1 AND m.job = $2 AND m.verdict = 1 AND e.status {} ORDER BY e.id DESC LIMIT $3",
            of_model("e", "m.id"),
            if waiting { "= 1" } else { "NOT IN (1, 6)" }
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.sql.rows(&sql, params![self.tenant, job, limit], |row| row.int(0))
    }

    /// The newest source model of the same key as one that a backfill brought, which arrived after it and otherwise.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn arrived_since(&mut self, job: i64, source_model: i64) -> Result<Option<i64>> {
        let sql = "SELECT l.id FROM source_models m JOIN source_models l ON l.tenant = m.tenant AND l.source = m.source \
                   AND l.key_hash = m.key_hash AND l.record_key = m.record_key AND l.id > m.id AND l.verdict = 1 \
                   AND COALESCE(l.job, 0) <> $3 WHERE m.tenant = $1 AND m.id = $2 ORDER BY l.id DESC LIMIT 1";
        self.sql.row(sql, params![self.tenant, source_model, job], |row| row.int(0))
    }

    /// How many source models a backfill alone brought that count.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn count_brought(&mut self, job: i64) -> Result<i64> {
        let sql = "SELECT COUNT(*) FROM source_models WHERE tenant = $1 AND job = $2 AND verdict = 1";
        Ok(self.sql.row(sql, params![self.tenant, job], |row| row.int(0))?.unwrap_or(0))
    }

    /// Has source models that a backfill alone brought, and of which no execution waits, count for nothing any more: `limit` at most. Gives how many.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn set_brought_undone(&mut self, job: i64, limit: usize) -> Result<usize> {
        let sql = "UPDATE source_models SET verdict = 4 WHERE tenant = $1 AND id IN (SELECT id FROM source_models \
                   WHERE tenant = $1 AND job = $2 AND verdict = 1 AND pending = 0 ORDER BY id LIMIT $3)";
        self.sql.execute(sql, params![self.tenant, job, i64::try_from(limit).unwrap_or(i64::MAX)])
    }

    fn set_status(&mut self, execution: i64, status: Status) -> Result<()> {
        let sql = "UPDATE executions SET status = $1 WHERE tenant = $2 AND id = $3";
        self.sql.execute(sql, params![status.number(), self.tenant, execution]).map(|_| ())
    }
}
