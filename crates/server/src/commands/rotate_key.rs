//! `salesdash rotate-key`: another master key, while the installation may be in use.

use salesdash_store::crypto::MASTER_KEY_VARIABLE;
use salesdash_store::rotation::{NEW_MASTER_KEY_VARIABLE, rotate_master_key};

use crate::arguments::RotateKey;
use crate::commands::failed;
use crate::exit::{Exit, Failure};

pub fn run(arguments: &RotateKey) -> Result<Exit, Failure> {
    let wrapped = rotate_master_key(&arguments.data.data).map_err(failed)?;
    eprintln!("the keys of {wrapped} tenants are wrapped with the new master key; keep a copy of it, apart from the backups");
    if std::env::var_os(MASTER_KEY_VARIABLE).is_some() {
        eprintln!("from now on, {MASTER_KEY_VARIABLE} must hold what {NEW_MASTER_KEY_VARIABLE} holds");
    }
    Ok(Exit::Fine)
}
