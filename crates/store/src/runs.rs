//! Source runs: each cycle of a poll, each backfill and each import is logged with what came of it.

use crate::error::{Result, StoreError};
use crate::sql::Row;
use crate::{Page, Paging, Scope, Store, params};

/// A run of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// Its id: when it began.
    pub id: i64,
    /// Its source.
    pub source: i64,
    /// `poll`, `backfill` or `import`.
    pub kind: String,
    /// `running`, `succeeded`, `failed` or `cancelled`.
    pub verdict: String,
    /// When it ended.
    pub ended: Option<i64>,
    /// Pages that were read.
    pub pages: i64,
    /// Records in them.
    pub records: i64,
    /// Records that were new.
    pub taken: i64,
    /// Records that were seen before.
    pub duplicate: i64,
    /// Records of which a later version was seen before.
    pub stale: i64,
    /// Records that could not be taken in.
    pub failed: i64,
    /// Why it failed, in a sentence without secrets or personal data.
    pub reason: Option<String>,
    /// More about it, as JSON: progress, where the cursor was and is.
    pub document: Option<String>,
}

const RUN: &str = "id, source, kind, verdict, ended, pages, records, taken, duplicate, stale, failed, reason, document";

fn run(row: &dyn Row) -> Result<Run> {
    Ok(Run {
        id: row.int(0)?,
        source: row.int(1)?,
        kind: row.text(2)?,
        verdict: row.text(3)?,
        ended: row.maybe_int(4)?,
        pages: row.int(5)?,
        records: row.int(6)?,
        taken: row.int(7)?,
        duplicate: row.int(8)?,
        stale: row.int(9)?,
        failed: row.int(10)?,
        reason: row.maybe_text(11)?,
        document: row.maybe_text(12)?,
    })
}

impl Store {
    /// The runs of all tenants that did not end, oldest first: the tenant and the run. After a crash, those that were cut off.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn runs_unfinished(&self) -> Result<Vec<(i64, Run)>> {
        let query = format!("SELECT {RUN}, tenant FROM runs WHERE ended IS NULL ORDER BY id");
        self.database().read(|sql| sql.rows(&query, &[], |row| Ok((row.int(13)?, run(row)?))))
    }
}

impl Scope<'_> {
    /// Notes that a run of a source begins; gives it.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn begin_run(&mut self, source: i64, kind: &str) -> Result<Run> {
        let id = self.next_id();
        self.sql.execute(
            "INSERT INTO runs (tenant, id, source, kind, verdict, pages, records, taken, duplicate, stale, failed) \
             VALUES ($1, $2, $3, $4, 'running', 0, 0, 0, 0, 0, 0)",
            params![self.tenant, id, source, kind],
        )?;
        self.run(id)
    }

    /// A run.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn run(&mut self, id: i64) -> Result<Run> {
        let sql = format!("SELECT {RUN} FROM runs WHERE tenant = $1 AND id = $2");
        self.sql.row(&sql, params![self.tenant, id], run)?.ok_or(StoreError::Missing("run"))
    }

    /// Notes how far a run is, or how it ended.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn update_run(&mut self, run: &Run) -> Result<()> {
        let changed = self.sql.execute(
            "UPDATE runs SET verdict = $1, ended = $2, pages = $3, records = $4, taken = $5, duplicate = $6, stale = $7, failed = $8, \
             reason = $9, document = $10 WHERE tenant = $11 AND id = $12",
            params![
                &run.verdict,
                run.ended,
                run.pages,
                run.records,
                run.taken,
                run.duplicate,
                run.stale,
                run.failed,
                run.reason.as_ref(),
                run.document.as_ref(),
                self.tenant,
                run.id
            ],
        )?;
        if changed == 0 { Err(StoreError::Missing("run")) } else { Ok(()) }
    }

    /// The runs of a source, newest first; of all where none is given.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn runs(&mut self, source: Option<i64>, paging: Paging) -> Result<Page<Run>> {
        let mut sql = format!("SELECT {RUN} FROM runs WHERE tenant = $1 AND id < $2");
        if let Some(source) = source {
            sql.push_str(&format!(" AND source = {source}"));
        }
        sql.push_str(" ORDER BY id DESC LIMIT $3");
        let rows = self.sql.rows(&sql, params![self.tenant, paging.before, paging.fetch()], run)?;
        Ok(paging.page(rows, |run| run.id))
    }

    /// Forgets the runs that ended before a time; gives how many.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn forget_runs(&mut self, before: i64) -> Result<usize> {
        let sql = "DELETE FROM runs WHERE tenant = $1 AND id < $2 AND ended IS NOT NULL";
        self.sql.execute(sql, params![self.tenant, before])
    }
}
