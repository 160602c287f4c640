//! Leases: who does something that only one may do at a time, wherever it runs. One that is not renewed ends by itself, so that what a
//! process held that is gone is taken over.

use crate::error::Result;
use crate::{Scope, params};

impl Scope<'_> {
    /// Takes a lease, or renews one's own, until a time. False where another has it, whose time is not over.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn take_lease(&mut self, name: &str, owner: &str, until: i64) -> Result<bool> {
        let now = self.now();
        let taken = self.sql.execute(
            "INSERT INTO leases (tenant, name, owner, until) VALUES ($1, $2, $3, $4) ON CONFLICT (tenant, name) DO UPDATE \
             SET owner = excluded.owner, until = excluded.until WHERE leases.owner = excluded.owner OR leases.until <= $5",
            params![self.tenant, name, owner, until, now],
        )?;
        Ok(taken > 0)
    }

    /// Renews a lease. False where another has taken it over since: nothing may be done in its name any more.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn renew_lease(&mut self, name: &str, owner: &str, until: i64) -> Result<bool> {
        let sql = "UPDATE leases SET until = $1 WHERE tenant = $2 AND name = $3 AND owner = $4";
        Ok(self.sql.execute(sql, params![until, self.tenant, name, owner])? > 0)
    }

    /// Gives a lease back. Does nothing where another has it.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn end_lease(&mut self, name: &str, owner: &str) -> Result<()> {
        let sql = "DELETE FROM leases WHERE tenant = $1 AND name = $2 AND owner = $3";
        self.sql.execute(sql, params![self.tenant, name, owner]).map(|_| ())
    }

    /// Who has a lease whose time is not over.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn lease(&mut self, name: &str) -> Result<Option<String>> {
        let now = self.now();
        let sql = "SELECT owner FROM leases WHERE tenant = $1 AND name = $2 AND until > $3";
        self.sql.row(sql, params![self.tenant, name, now], |row| row.text(0))
    }
}
