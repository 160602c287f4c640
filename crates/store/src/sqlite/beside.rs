//! Writing while another process uses the database, in one short transaction: for what the one who runs it does now and then.

use std::path::Path;

use super::{FILE, Statements, connect};
use crate::error::{Result, StoreError};
use crate::sql::Sql;

/// Does a write on a connection of its own, whether or not a process is using the database; it waits for its turn.
///
/// # Errors
/// Where there is no database, or what the work gives; then nothing is changed.
pub fn write_beside<T>(directory: &Path, work: impl FnOnce(&mut dyn Sql) -> Result<T>) -> Result<T> {
    let path = directory.join(FILE);
    if !path.is_file() {
        return Err(StoreError::Missing("installation in this directory"));
    }
    let mut statements = Statements::new(connect(&path, false)?);
    statements.simple("BEGIN IMMEDIATE")?;
    let done = work(&mut statements).and_then(|done| statements.simple("COMMIT").map(|()| done));
    if statements.in_transaction() {
        statements.simple("ROLLBACK")?;
    }
    done
}
