//! Changing the master key: every tenant's keys are wrapped anew, in one transaction, while the installation may be in use. What is
//! encrypted with those keys stays as it is.
//!
//! The new key lies beside the old one until all is wrapped, and then takes its place. Whatever happens in between, the next call goes on
//! from there, and an installation that is opened finds the key that fits.

use std::path::{Path, PathBuf};

use crate::Store;
use crate::crypto::{MASTER_KEY_VARIABLE, MasterKey, random, read_key};
use crate::error::{Result, StoreError};
use crate::params;
use crate::private;
use crate::sqlite::beside::write_beside;

/// The environment variable that holds the next master key, where the present one is in [`MASTER_KEY_VARIABLE`].
pub const NEW_MASTER_KEY_VARIABLE: &str = "SALESDASH_NEW_MASTER_KEY";

fn next(directory: &Path) -> PathBuf {
    directory.join("master.key.new")
}

fn present(directory: &Path) -> PathBuf {
    directory.join("master.key")
}

/// Changes the master key of an installation. Gives how many tenants' keys were wrapped anew.
///
/// # Errors
/// Where there is no installation, neither key fits it, or something cannot be written. Then the old key still serves, or the next call
/// goes on from there.
pub fn rotate_master_key(directory: &Path) -> Result<usize> {
    if std::env::var_os(MASTER_KEY_VARIABLE).is_some() {
        let new = std::env::var(NEW_MASTER_KEY_VARIABLE).map_err(|_| {
            StoreError::Key(format!(
                "the present one is in {MASTER_KEY_VARIABLE}, so put the new one, 64 hexadecimal digits, into {NEW_MASTER_KEY_VARIABLE}"
            ))
        })?;
        return wrap_all(directory, &MasterKey::of(directory)?, &MasterKey::read(&new)?);
    }
    let (old, new) = (present(directory), next(directory));
    if !old.is_file() {
        return Err(StoreError::Missing("master key in this directory"));
    }
    if !new.exists() {
        // It is whole and on the disk before anything is wrapped with it.
        let part = new.with_extension("part");
        let failed = |error: std::io::Error| StoreError::Key(format!("{}: {error}", part.display()));
        if part.exists() {
            std::fs::remove_file(&part).map_err(failed)?;
        }
        private::write_new(&part, &hex::encode(random::<32>()?)).and_then(|()| std::fs::rename(&part, &new)).map_err(failed)?;
    }
    let wrapped = wrap_all(directory, &read_key(&old)?, &read_key(&new)?)?;
    finish(directory)?;
    Ok(wrapped)
}

/// Puts the new key in the place of the old one.
fn finish(directory: &Path) -> Result<()> {
    let failed = |error: std::io::Error| StoreError::Key(format!("{}: {error}", present(directory).display()));
    std::fs::rename(next(directory), present(directory)).map_err(failed)?;
    std::fs::File::open(directory).and_then(|folder| folder.sync_all()).map_err(failed)
}

fn wrap_all(directory: &Path, old: &MasterKey, new: &MasterKey) -> Result<usize> {
    write_beside(directory, |sql| {
        let tenants =
            sql.rows("SELECT tenant, data_key, identity_key FROM tenants", &[], |row| Ok((row.int(0)?, row.blob(1)?, row.blob(2)?)))?;
        let mut wrapped = 0;
        for (tenant, data, identity) in tenants {
            // A call that was cut off may have wrapped them already.
            if new.unwrap(tenant, &data).is_ok() && new.unwrap(tenant, &identity).is_ok() {
                continue;
            }
            let data = new.wrap(tenant, &old.unwrap(tenant, &data)?)?;
            let identity = new.wrap(tenant, &old.unwrap(tenant, &identity)?)?;
            let update = "UPDATE tenants SET data_key = $1, identity_key = $2 WHERE tenant = $3";
            sql.execute(update, params![&data, &identity, tenant])?;
            wrapped += 1;
        }
        Ok(wrapped)
    })
}

impl Store {
    /// Where the master key was being changed when the process ended: the new key, which takes the place of the old one.
    pub(crate) fn key_of_cut_off_rotation(directory: &Path) -> Result<Option<MasterKey>> {
        if std::env::var_os(MASTER_KEY_VARIABLE).is_some() || !next(directory).is_file() {
            return Ok(None);
        }
        read_key(&next(directory)).map(Some)
    }

    /// Ends a change of the master key that was cut off.
    pub(crate) fn end_cut_off_rotation(directory: &Path) -> Result<()> {
        finish(directory)
    }
}
