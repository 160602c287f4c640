//! Webhook addresses that are given anew.

use crate::Scope;
use crate::error::{Result, StoreError};
use crate::installation::{hash, new_secret};
use crate::params;

const URL: &str = "webhook address";

impl Scope<'_> {
    /// Gives a source a new webhook address; the old one leads nowhere. Gives its secret part.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn rotate_address(&mut self, source: i64) -> Result<String> {
        let url = new_secret()?;
        let sealed = self.vault.seal(URL, url.as_bytes())?;
        let sql = "UPDATE sources SET url_hash = $1, url_token = $2 WHERE tenant = $3 AND id = $4";
        match self.sql.execute(sql, params![&hash(&url), &sealed, self.tenant, source])? {
            0 => Err(StoreError::Missing("source")),
            _ => Ok(url),
        }
    }
}
