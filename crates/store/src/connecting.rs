//! Connections that are on their way through a browser: what has to be known when it comes back, encrypted, for a while, and once.

use crate::error::{Result, StoreError};
use crate::installation::hash;
use crate::{Scope, Store, params};

/// Connections of a tenant that can be on their way at once.
pub const MOST: i64 = 1_000;

/// A connection that is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connecting {
    /// Whose.
    pub tenant: i64,
    /// The provider.
    pub provider: i64,
    /// What whoever began it has to know again.
    pub document: String,
}

const DOCUMENT: &str = "connection on its way";

impl Store {
    /// Takes back what was kept under a state: it serves once. `None` where nothing was, or its time is over.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn take_connecting(&self, state: &str) -> Result<Option<Connecting>> {
        let hash = hash(state);
        let query = "SELECT tenant FROM connecting WHERE hash = $1";
        let found = self.database().read(|sql| sql.row(query, params![&hash], |row| row.int(0)))?;
        let Some(tenant) = found else { return Ok(None) };
        self.write(tenant, move |scope| {
            let now = scope.now();
            let sql = "DELETE FROM connecting WHERE hash = $1 AND tenant = $2 RETURNING provider, document, expires";
            let taken = scope.sql.row(sql, params![&hash, scope.tenant], |row| Ok((row.int(0)?, row.blob(1)?, row.int(2)?)))?;
            let Some((provider, sealed, _)) = taken.filter(|(.., expires)| *expires > now) else { return Ok(None) };
            let document = scope.vault.open_text(DOCUMENT, &sealed)?;
            Ok(Some(Connecting { tenant: scope.tenant, provider, document }))
        })
    }
}

impl Scope<'_> {
    /// Keeps what has to be known when a browser comes back with a state, of which only a hash is stored.
    ///
    /// # Errors
    /// Where too many are on their way.
    pub fn begin_connecting(&mut self, state: &str, provider: i64, document: &str, expires: i64) -> Result<()> {
        let now = self.now();
        self.sql.execute("DELETE FROM connecting WHERE tenant = $1 AND expires <= $2", params![self.tenant, now])?;
        let count = self.sql.row("SELECT COUNT(*) FROM connecting WHERE tenant = $1", params![self.tenant], |row| row.int(0))?;
        if count.unwrap_or(0) >= MOST {
            return Err(StoreError::Conflict("too many connections are being made; try again in a few minutes".to_owned()));
        }
        let sealed = self.vault.seal(DOCUMENT, document.as_bytes())?;
        self.sql
            .execute(
                "INSERT INTO connecting (hash, tenant, provider, document, expires) VALUES ($1, $2, $3, $4, $5)",
                params![&hash(state), self.tenant, provider, &sealed, expires],
            )
            .map(|_| ())
    }
}
