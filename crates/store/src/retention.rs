//! Removing what is no longer to be kept: payloads first. What hangs on them stays.

use std::collections::HashSet;

use crate::deliveries::OF_ANY_SOURCE;
use crate::error::Result;
use crate::numbers::{meant, meant_sql};
use crate::{Scope, params};

/// How far removing payloads is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// How many were removed.
    pub removed: usize,
    /// The last one that was looked at; `None` once there are no more.
    pub last: Option<i64>,
}

impl Scope<'_> {
    /// The payloads from before a time (an id) that something still refers to: what arrived, or was fetched, since `since`, and what waits.
    /// The same content is stored once, so new things can refer to old payloads.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn payloads_in_use(&mut self, before: i64, since: i64) -> Result<HashSet<i64>> {
        let mut used = HashSet::new();
        for table in ["source_models", "deliveries", "enrichments"] {
            let key = match table {
                "enrichments" => "source_model".to_owned(),
                "deliveries" => format!("{OF_ANY_SOURCE} AND id"),
                _ => "id".to_owned(),
            };
            let payload = meant_sql(table, "payload");
            let sql = format!("SELECT {payload} FROM {table} WHERE tenant = $1 AND {key} >= $2 AND {payload} < $3");
            used.extend(self.sql.rows(&sql, params![self.tenant, since, before], |row| row.int(0))?);
        }
        // A cross join is done in the order written: the queue is short, and what it is joined with is not.
        let sql = format!(
            "SELECT m.payload, m.id FROM queue q CROSS JOIN executions e CROSS JOIN source_models m \
             WHERE q.tenant = $1 AND e.tenant = q.tenant AND e.id = q.id AND m.tenant = e.tenant AND m.id = {}",
            meant_sql("e", "source_model")
        );
        let waiting = self.sql.rows(&sql, params![self.tenant], |row| Ok((row.maybe_int(0)?, row.int(1)?)))?;
        for (payload, model) in waiting {
            used.extend(payload.map(|payload| meant(payload, model)).filter(|payload| *payload < before));
            used.extend(self.every_enrichment(model)?.into_iter().filter_map(|enrichment| enrichment.payload));
        }
        Ok(used)
    }

    /// Removes payloads from before a time (an id) that are not in use, `limit` at most after the one where the call before ended.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn forget_payloads(&mut self, before: i64, after: i64, limit: i64, in_use: &HashSet<i64>) -> Result<Forgotten> {
        let sql = "SELECT id FROM payloads WHERE tenant = $1 AND id > $2 AND id < $3 ORDER BY id LIMIT $4";
        let ids = self.sql.rows(sql, params![self.tenant, after, before, limit], |row| row.int(0))?;
        let mut removed = 0;
        for id in ids.iter().filter(|id| !in_use.contains(id)) {
            removed += self.sql.execute("DELETE FROM payloads WHERE tenant = $1 AND id = $2", params![self.tenant, *id])?;
        }
        Ok(Forgotten { removed, last: ids.last().copied() })
    }

    /// Has records, deliveries and enrichments no longer refer to payloads that were removed: `limit` of each at most, from the given id
    /// on. Gives where to go on; `None` once all was looked at.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn forget_references(&mut self, before: i64, from: i64, limit: i64) -> Result<Option<i64>> {
        let mut next = None;
        for (table, key) in [("source_models", "id"), ("enrichments", "source_model")] {
            let sql = format!("SELECT {key} FROM {table} WHERE tenant = $1 AND {key} >= $2 ORDER BY {key} LIMIT 1 OFFSET $3");
            let end = self.sql.row(&sql, params![self.tenant, from, limit], |row| row.int(0))?;
            let until = end.unwrap_or(i64::MAX).min(before);
            let payload = meant_sql(table, "payload");
            let sql = format!(
                "UPDATE {table} SET payload = NULL WHERE tenant = $1 AND {key} >= $2 AND {key} < $3 AND {payload} < $4 \
                 AND NOT EXISTS (SELECT 1 FROM payloads p WHERE p.tenant = $1 AND p.id = {payload})"
            );
            self.sql.execute(&sql, params![self.tenant, from, until, before])?;
            // The table that gets least far says where all go on.
            if let Some(end) = end.filter(|end| *end < before) {
                next = Some(next.map_or(end, |next: i64| next.min(end)));
            }
        }
        let (walked, all) = self.walk_deliveries(from - 1, before, limit)?;
        let sql = "UPDATE deliveries SET payload = NULL WHERE tenant = $1 AND source = $2 AND id = $3 \
                   AND NOT EXISTS (SELECT 1 FROM payloads p WHERE p.tenant = $1 AND p.id = $4)";
        for row in &walked {
            if let Some(payload) = row.payload.filter(|payload| *payload < before) {
                self.sql.execute(sql, params![self.tenant, row.source, row.id, payload])?;
            }
        }
        if let Some(last) = walked.last().filter(|_| !all) {
            next = Some(next.map_or(last.id + 1, |next| next.min(last.id + 1)));
        }
        Ok(next.filter(|next| *next > from))
    }

    /// The time (an id) before which payloads have to go so that the rest takes at most so many bytes. `None` where all fits.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn payloads_beyond(&mut self, bytes: u64) -> Result<Option<i64>> {
        let sql = "SELECT id, LENGTH(content) FROM payloads WHERE tenant = $1 ORDER BY id DESC";
        let (mut sum, mut beyond) = (0, None);
        self.sql.each(sql, params![self.tenant], &mut |row| {
            sum += row.int(1)?.unsigned_abs();
            if sum > bytes && beyond.is_none() {
                beyond = Some(row.int(0)? + 1);
            }
            Ok(())
        })?;
        Ok(beyond)
    }

    /// The bytes that payloads take.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn payload_bytes(&mut self) -> Result<i64> {
        let sql = "SELECT SUM(LENGTH(content)) FROM payloads WHERE tenant = $1";
        Ok(self.sql.row(sql, params![self.tenant], |row| row.int(0))?.unwrap_or(0))
    }

    /// Forgets the ids of events that were delivered before a time: one that comes again then counts as new. Gives how many.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn forget_events(&mut self, before: i64) -> Result<usize> {
        let sql = "DELETE FROM events WHERE tenant = $1 AND delivery < $2";
        self.sql.execute(sql, params![self.tenant, before])
    }
}
