//! Cursors: where a source goes on reading. They move in the transaction that stores what was read up to there, and every place that they
//! have been at is kept, so that one can be looked at and set back.

use crate::error::Result;
use crate::sql::Row;
use crate::{Page, Paging, Scope, params};

/// Places that are kept of a source's cursors.
pub const HISTORY: i64 = 1000;

/// A cursor of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Its name: a source can have several, such as one for live polling and one for a backfill.
    pub name: String,
    /// What it says; whoever reads the source knows what that means.
    pub value: String,
    /// When it got there.
    pub at: i64,
}

/// A place that a cursor has been at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastCursor {
    /// Its id: when it got there.
    pub id: i64,
    /// The name of the cursor.
    pub name: String,
    /// What it said.
    pub value: String,
    /// Who moved it: the run by its id, or a person.
    pub actor: String,
}

fn cursor(row: &dyn Row) -> Result<Cursor> {
    Ok(Cursor { name: row.text(0)?, value: row.text(1)?, at: row.int(2)? })
}

impl Scope<'_> {
    /// A cursor of a source. `None` where it has not been set.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn cursor(&mut self, source: i64, name: &str) -> Result<Option<Cursor>> {
        let sql = "SELECT name, value, at FROM cursors WHERE tenant = $1 AND source = $2 AND name = $3";
        self.sql.row(sql, params![self.tenant, source, name], cursor)
    }

    /// Every cursor of a source, by name.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn cursors(&mut self, source: i64) -> Result<Vec<Cursor>> {
        let sql = "SELECT name, value, at FROM cursors WHERE tenant = $1 AND source = $2 ORDER BY name";
        self.sql.rows(sql, params![self.tenant, source], cursor)
    }

    /// Moves a cursor of a source, forwards or back, and keeps where it has been: the last [`HISTORY`] places. `actor` says who moves it.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn set_cursor(&mut self, source: i64, name: &str, value: &str, actor: &str) -> Result<()> {
        let (id, at) = (self.next_id(), self.now());
        self.sql.execute(
            "INSERT INTO cursors (tenant, source, name, value, at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (tenant, source, name) DO UPDATE SET value = excluded.value, at = excluded.at",
            params![self.tenant, source, name, value, at],
        )?;
        self.sql.execute(
            "INSERT INTO cursor_history (tenant, source, id, name, value, actor) VALUES ($1, $2, $3, $4, $5, $6)",
            params![self.tenant, source, id, name, value, actor],
        )?;
        let sql = "SELECT id FROM cursor_history WHERE tenant = $1 AND source = $2 ORDER BY id DESC LIMIT 1 OFFSET $3";
        if let Some(oldest) = self.sql.row(sql, params![self.tenant, source, HISTORY], |row| row.int(0))? {
            let sql = "DELETE FROM cursor_history WHERE tenant = $1 AND source = $2 AND id <= $3";
            self.sql.execute(sql, params![self.tenant, source, oldest])?;
        }
        Ok(())
    }

    /// Forgets a cursor: the next run begins from the beginning. Its history stays.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn clear_cursor(&mut self, source: i64, name: &str) -> Result<()> {
        let sql = "DELETE FROM cursors WHERE tenant = $1 AND source = $2 AND name = $3";
        self.sql.execute(sql, params![self.tenant, source, name]).map(|_| ())
    }

    /// The places that the cursors of a source have been at, newest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn cursor_history(&mut self, source: i64, paging: Paging) -> Result<Page<PastCursor>> {
        let sql =
            "SELECT id, name, value, actor FROM cursor_history WHERE tenant = $1 AND source = $2 AND id < $3 ORDER BY id DESC LIMIT $4";
        let rows = self.sql.rows(sql, params![self.tenant, source, paging.before, paging.fetch()], |row| {
            Ok(PastCursor { id: row.int(0)?, name: row.text(1)?, value: row.text(2)?, actor: row.text(3)? })
        })?;
        Ok(paging.page(rows, |past| past.id))
    }
}
