//! Jobs: long work that a person starts, watches and can cancel, and that goes on after a restart.

use crate::error::{Result, StoreError};
use crate::executions::Status;
use crate::sql::Row;
use crate::{Page, Paging, Scope, Store, params};

/// A job.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its id.
    pub id: i64,
    /// What it does, such as `reprocess`.
    pub kind: String,
    /// `running`, `cancelled`, `finished`, `undoing` or `undone`.
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
    pub fn jobs_in(&self, state: &str) -> Result<Vec<(i64, i64)>> {
        let query = "SELECT tenant, id FROM jobs WHERE state = $1 ORDER BY id";
        self.database().read(|sql| sql.rows(query, params![state], |row| Ok((row.int(0)?, row.int(1)?))))
    }
}

impl Scope<'_> {
    /// Stores a job that runs.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn create_job(&mut self, kind: &str, document: &str) -> Result<Job> {
        let id = self.next_id();
        let sql = "INSERT INTO jobs (tenant, id, kind, state, document) VALUES ($1, $2, $3, 'running', $4)";
        self.sql.execute(sql, params![self.tenant, id, kind, document])?;
        Ok(Job { id, kind: kind.to_owned(), state: "running".to_owned(), document: document.to_owned() })
    }

    /// A job.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn job(&mut self, id: i64) -> Result<Job> {
        let sql = "SELECT id, kind, state, document FROM jobs WHERE tenant = $1 AND id = $2";
        self.sql.row(sql, params![self.tenant, id], job)?.ok_or(StoreError::Missing("job"))
    }

    /// The jobs, newest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn jobs(&mut self, paging: Paging) -> Result<Page<Job>> {
        let sql = "SELECT id, kind, state, document FROM jobs WHERE tenant = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
        let rows = self.sql.rows(sql, params![self.tenant, paging.before, paging.fetch()], job)?;
        Ok(paging.page(rows, |job| job.id))
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
}
