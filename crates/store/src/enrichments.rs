//! Enrichments as they were fetched, kept with the record that they belong to so that a replay needs no network; and executions that are
//! put off until a later try.

use crate::error::Result;
use crate::numbers::{meant, stored};
use crate::payload::Packed;
use crate::sql::Row;
use crate::{Scope, Store, params};

/// An enrichment that was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrichment {
    /// Its id: when it was fetched.
    pub id: i64,
    /// The types from the record down to it, with `/` between them.
    pub chain: String,
    /// Where its content is. `None` where there is no related record, or retention removed it.
    pub payload: Option<i64>,
    /// Whether there was no related record.
    pub missing: bool,
}

/// Reads `id, chain, payload, missing`.
pub(crate) fn enrichment(row: &dyn Row) -> Result<Enrichment> {
    let id = row.int(0)?;
    Ok(Enrichment { id, chain: row.text(1)?, payload: row.maybe_int(2)?.map(|payload| meant(payload, id)), missing: row.flag(3)? })
}

/// An execution that is put off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Postponed {
    /// Its tenant.
    pub tenant: i64,
    /// The execution.
    pub execution: i64,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is to be tried again; `i64::MAX`: once its provider is connected again.
    pub due: i64,
    /// What stands in its way.
    pub reason: String,
}

impl Store {
    /// Every execution that is put off, of all tenants.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn postponed(&self) -> Result<Vec<Postponed>> {
        let query = "SELECT tenant, execution, attempts, due, reason FROM postponed";
        self.database().read(|sql| {
            sql.rows(query, &[], |row| {
                Ok(Postponed { tenant: row.int(0)?, execution: row.int(1)?, attempts: row.int(2)?, due: row.int(3)?, reason: row.text(4)? })
            })
        })
    }
}

impl Scope<'_> {
    /// Stores an enrichment of a source model; gives its id. `content` is `None` where there is no related record.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn insert_enrichment(&mut self, source_model: i64, chain: &str, content: Option<&Packed>) -> Result<i64> {
        let id = self.next_id();
        let payload = content.map(|packed| self.store_payload_as(id, packed)).transpose()?.map(|payload| stored(payload, id));
        self.sql.execute(
            "INSERT INTO enrichments (tenant, source_model, chain, id, payload, missing) VALUES ($1, $2, $3, $4, $5, $6)",
            params![self.tenant, source_model, chain, id, payload, payload.is_none()],
        )?;
        Ok(id)
    }

    /// The enrichments of a source model as they were known at a time: of each chain the newest of those fetched up to then.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn enrichments(&mut self, source_model: i64, at: i64) -> Result<Vec<Enrichment>> {
        let sql = "SELECT id, chain, payload, missing FROM enrichments WHERE tenant = $1 AND source_model = $2 AND id <= $3 \
                   ORDER BY chain, id DESC";
        let mut rows = self.sql.rows(sql, params![self.tenant, source_model, at], enrichment)?;
        rows.dedup_by(|later, first| later.chain == first.chain);
        Ok(rows)
    }

    /// Notes that an execution is put off.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn postpone(&mut self, execution: i64, attempts: i64, due: i64, reason: &str) -> Result<()> {
        self.sql
            .execute(
                "INSERT INTO postponed (tenant, execution, attempts, due, reason) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (tenant, execution) DO UPDATE SET attempts = excluded.attempts, due = excluded.due, reason = excluded.reason",
                params![self.tenant, execution, attempts, due, reason],
            )
            .map(|_| ())
    }

    /// Why an execution is put off, how often it was tried and when it is tried again, where it is.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn postponement(&mut self, execution: i64) -> Result<Option<Postponed>> {
        let sql = "SELECT attempts, due, reason FROM postponed WHERE tenant = $1 AND execution = $2";
        let tenant = self.tenant;
        self.sql.row(sql, params![tenant, execution], |row| {
            Ok(Postponed { tenant, execution, attempts: row.int(0)?, due: row.int(1)?, reason: row.text(2)? })
        })
    }

    /// Notes that an execution is no longer put off.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn resume(&mut self, execution: i64) -> Result<()> {
        let sql = "DELETE FROM postponed WHERE tenant = $1 AND execution = $2";
        self.sql.execute(sql, params![self.tenant, execution]).map(|_| ())
    }
}
