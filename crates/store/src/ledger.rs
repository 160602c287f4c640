//! The ledger of each source: received = executed + duplicate + stale + rejected + waiting + failed, counted in records. It is kept
//! within the transactions that change it, and can be worked out again from the rows.

use crate::error::Result;
use crate::numbers::of_model;
use crate::sql::Row;
use crate::{Scope, params};

/// The ledger of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Records that arrived; a delivery that was refused counts as one.
    pub received: i64,
    /// Records that every processor is done with (or that no processor takes).
    pub executed: i64,
    /// Records whose content was seen before.
    pub duplicate: i64,
    /// Records of which a later version was seen before.
    pub stale: i64,
    /// Deliveries that were refused.
    pub rejected: i64,
    /// Records that a processor still has to run on.
    pub waiting: i64,
    /// Records on which a processor failed.
    pub failed: i64,
}

impl Ledger {
    /// Whether it balances.
    #[must_use]
    pub const fn balances(&self) -> bool {
        self.received == self.executed + self.duplicate + self.stale + self.rejected + self.waiting + self.failed
    }
}

fn ledger(row: &dyn Row) -> Result<Ledger> {
    Ok(Ledger {
        received: row.int(0)?,
        executed: row.int(1)?,
        duplicate: row.int(2)?,
        stale: row.int(3)?,
        rejected: row.int(4)?,
        waiting: row.int(5)?,
        failed: row.int(6)?,
    })
}

impl Scope<'_> {
    /// Adds to a source's ledger.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn add_to_ledger(&mut self, source: i64, change: &Ledger) -> Result<()> {
        self.sql
            .execute(
                "UPDATE ledger SET received = received + $1, executed = executed + $2, duplicate = duplicate + $3, stale = stale + $4, \
                 rejected = rejected + $5, waiting = waiting + $6, failed = failed + $7 WHERE tenant = $8 AND source = $9",
                params![
                    change.received,
                    change.executed,
                    change.duplicate,
                    change.stale,
                    change.rejected,
                    change.waiting,
                    change.failed,
                    self.tenant,
                    source
                ],
            )
            .map(|_| ())
    }

    /// Notes that an execution of a source model ended, and moves the record in the ledger once the last has.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn settle(&mut self, source: i64, source_model: i64, failed: bool) -> Result<()> {
        let sql = "UPDATE source_models SET pending = pending - 1, failed = failed + $1 WHERE tenant = $2 AND id = $3 \
                   RETURNING pending, failed";
        let left = self.sql.row(sql, params![failed, self.tenant, source_model], |row| Ok((row.int(0)?, row.int(1)?)))?;
        match left {
            Some((0, 0)) => self.add_to_ledger(source, &Ledger { waiting: -1, executed: 1, ..Ledger::default() }),
            Some((0, _)) => self.add_to_ledger(source, &Ledger { waiting: -1, failed: 1, ..Ledger::default() }),
            _ => Ok(()),
        }
    }

    /// Notes that an execution of a source model ended without writing anything, because a later version of the record was executed
    /// before. Where that is true of each of its executions, the record itself counts as stale.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn settle_stale(&mut self, source: i64, source_model: i64) -> Result<()> {
        let sql = "UPDATE source_models SET pending = pending - 1 WHERE tenant = $1 AND id = $2 RETURNING pending, failed";
        let left = self.sql.row(sql, params![self.tenant, source_model], |row| Ok((row.int(0)?, row.int(1)?)))?;
        match left {
            Some((0, 0)) => {
                let of_model = of_model("executions", "$2");
                let sql = format!("SELECT 1 FROM executions WHERE tenant = $1 AND {of_model} AND status NOT IN (1, 7) LIMIT 1");
                if self.sql.row(&sql, params![self.tenant, source_model], |row| row.int(0))?.is_some() {
                    return self.add_to_ledger(source, &Ledger { waiting: -1, executed: 1, ..Ledger::default() });
                }
                let sql = "UPDATE source_models SET verdict = 3 WHERE tenant = $1 AND id = $2";
                self.sql.execute(sql, params![self.tenant, source_model])?;
                self.add_to_ledger(source, &Ledger { waiting: -1, stale: 1, ..Ledger::default() })
            }
            Some((0, _)) => self.add_to_ledger(source, &Ledger { waiting: -1, failed: 1, ..Ledger::default() }),
            _ => Ok(()),
        }
    }

    /// Notes that an ended execution of a source model waits again; `failed` is whether it had failed.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn unsettle(&mut self, source: i64, source_model: i64, failed: bool) -> Result<()> {
        let sql = "SELECT pending, failed FROM source_models WHERE tenant = $1 AND id = $2";
        let before = self.sql.row(sql, params![self.tenant, source_model], |row| Ok((row.int(0)?, row.int(1)?)))?;
        let sql = "UPDATE source_models SET pending = pending + 1, failed = failed - $1 WHERE tenant = $2 AND id = $3";
        self.sql.execute(sql, params![failed, self.tenant, source_model])?;
        match before {
            Some((0, 0)) => self.add_to_ledger(source, &Ledger { waiting: 1, executed: -1, ..Ledger::default() }),
            Some((0, _)) => self.add_to_ledger(source, &Ledger { waiting: 1, failed: -1, ..Ledger::default() }),
            _ => Ok(()),
        }
    }

    /// Notes that of a record one failed execution more, or fewer, counts.
    ///
    /// # Errors
    /// Where the database fails.
    pub(crate) fn count_failed(&mut self, source: i64, source_model: i64, more: i64) -> Result<()> {
        let sql = "UPDATE source_models SET failed = failed + $1 WHERE tenant = $2 AND id = $3 RETURNING pending, failed, verdict";
        let now = self.sql.row(sql, params![more, self.tenant, source_model], |row| Ok((row.int(0)?, row.int(1)?, row.int(2)?)))?;
        let change = match now {
            Some((0, failed, 1)) if failed == more.max(0) && more > 0 => 1,
            Some((0, 0, 1)) if more < 0 => -1,
            _ => return Ok(()),
        };
        self.add_to_ledger(source, &Ledger { failed: change, executed: -change, ..Ledger::default() })
    }

    /// A source's ledger.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn ledger(&mut self, source: i64) -> Result<Ledger> {
        let sql = "SELECT received, executed, duplicate, stale, rejected, waiting, failed FROM ledger WHERE tenant = $1 AND source = $2";
        Ok(self.sql.row(sql, params![self.tenant, source], ledger)?.unwrap_or_default())
    }

    /// A source's ledger, worked out from the rows.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn counted_ledger(&mut self, source: i64) -> Result<Ledger> {
        let mut counted = Ledger::default();
        let sql = "SELECT verdict, COUNT(*), SUM(records) FROM deliveries WHERE tenant = $1 AND source = $2 GROUP BY verdict";
        for (verdict, deliveries, records) in
            self.sql.rows(sql, params![self.tenant, source], |row| Ok((row.int(0)?, row.int(1)?, row.int(2)?)))?
        {
            match verdict {
                1 => counted.received += records,
                2 => {
                    counted.received += records;
                    counted.duplicate += records;
                }
                _ => {
                    counted.received += deliveries;
                    counted.rejected += deliveries;
                }
            }
        }
        let sql = "SELECT verdict, CASE WHEN pending > 0 THEN 1 ELSE 0 END, CASE WHEN failed > 0 THEN 1 ELSE 0 END, COUNT(*) \
                   FROM source_models WHERE tenant = $1 AND source = $2 GROUP BY 1, 2, 3";
        let rows = self.sql.rows(sql, params![self.tenant, source], |row| Ok((row.int(0)?, row.int(1)?, row.int(2)?, row.int(3)?)))?;
        for (verdict, pending, failed, count) in rows {
            match (verdict, pending, failed) {
                (2, ..) => counted.duplicate += count,
                (3, ..) => counted.stale += count,
                (_, 1, _) => counted.waiting += count,
                (_, _, 1) => counted.failed += count,
                _ => counted.executed += count,
            }
        }
        Ok(counted)
    }
}
