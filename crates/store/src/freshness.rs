//! How often something arrives at a source, from what is stored of its deliveries.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::error::Result;
use crate::{Scope, params};

/// Silences shorter than this are not looked for.
pub const SHORTEST_US: i64 = 3_600_000_000;

/// How often something arrived in a stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// The longest silence that ended within it, in microseconds; 0 where none was longer than [`SHORTEST_US`].
    pub longest_us: i64,
    /// How many times something arrived, what came within an hour of the one before not counted.
    pub arrivals: u32,
}

/// For how long what was worked out of a source's history is good: it takes a thousand look-ups, and follows from weeks.
pub const KEPT_US: i64 = 600_000_000;

/// The longest usual silence of each source, where it is known, and when it was worked out.
#[derive(Default)]
pub(crate) struct Silences(Mutex<HashMap<i64, (i64, Option<i64>)>>);

impl Scope<'_> {
    /// The longest usual silence of a source as it was worked out within the last [`KEPT_US`]; else it is worked out now.
    ///
    /// # Errors
    /// What working it out gives.
    pub fn usual_silence(&mut self, source: i64, work_out: impl FnOnce(&mut Self) -> Result<Option<i64>>) -> Result<Option<i64>> {
        let (now, shared) = (self.now(), Arc::clone(self.shared));
        if let Some((at, known)) = shared.silences.0.lock().get(&source)
            && (*at..*at + KEPT_US).contains(&now)
        {
            return Ok(*known);
        }
        let usual = work_out(self)?;
        shared.silences.0.lock().insert(source, (now, usual));
        Ok(usual)
    }

    /// When something arrived last at a source that was not refused.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn last_arrival(&mut self, source: i64) -> Result<Option<i64>> {
        let sql = "SELECT id FROM deliveries WHERE tenant = $1 AND source = $2 AND verdict <> 3 ORDER BY id DESC LIMIT 1";
        self.sql.row(sql, params![self.tenant, source], |row| row.int(0))
    }

    /// How often something arrived at a source from one time to another. Looks at two rows for each hour in which something did, whatever
    /// their number.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn pace(&mut self, source: i64, from: i64, until: i64) -> Result<Pace> {
        const FIRST: &str = "SELECT id FROM deliveries WHERE tenant = $1 AND source = $2 AND verdict <> 3 AND id >= $3 AND id <= $4 \
                             ORDER BY id LIMIT 1";
        const LAST: &str = "SELECT id FROM deliveries WHERE tenant = $1 AND source = $2 AND verdict <> 3 AND id >= $3 AND id < $4 \
                            ORDER BY id DESC LIMIT 1";
        let mut pace = Pace::default();
        let before = self.sql.row(LAST, params![self.tenant, source, 0, from], |row| row.int(0))?;
        let mut last = before;
        let mut at = from;
        while let Some(next) = self.sql.row(FIRST, params![self.tenant, source, at, until], |row| row.int(0))? {
            let silence = last.map_or(0, |last| next - last);
            if silence >= SHORTEST_US {
                pace.longest_us = pace.longest_us.max(silence);
            }
            pace.arrivals += 1;
            at = next + SHORTEST_US;
            last = self.sql.row(LAST, params![self.tenant, source, next, at.min(until + 1)], |row| row.int(0))?.or(Some(next));
        }
        Ok(pace)
    }
}
