//! `salesdash backup` and `salesdash restore`.

use std::path::Path;

use salesdash_store::crypto::{FILE as KEY_FILE, MASTER_KEY_VARIABLE};
use salesdash_store::{Store, StoreError, sqlite};

use crate::arguments::{Backup, Restore};
use crate::commands::failed;
use crate::exit::{Exit, Failure};

pub fn run(arguments: &Backup) -> Result<Exit, Failure> {
    let data = &arguments.data.data;
    let bytes = sqlite::backup::back_up(data, &arguments.file).map_err(|error| match error {
        StoreError::Missing(_) => Failure { exit: Exit::Input, text: Some(format!("{} holds no installation", data.display())) },
        other => failed(other),
    })?;
    eprintln!("{} bytes in {}", bytes, arguments.file.display());
    if std::env::var_os(MASTER_KEY_VARIABLE).is_none() {
        eprintln!("the master key is not in it: keep {} too, and not beside it", data.join(KEY_FILE).display());
    }
    Ok(Exit::Fine)
}

pub fn restore(arguments: &Restore) -> Result<Exit, Failure> {
    let data = &arguments.data.data;
    if let Some(key) = &arguments.key {
        readable(key)?;
    }
    let bytes = sqlite::backup::restore(&arguments.file, data).map_err(failed)?;
    let place = data.join(KEY_FILE);
    if let Some(key) = &arguments.key {
        // The permissions come along.
        std::fs::copy(key, &place).map_err(|error| Failure::environment(format!("{} cannot be written: {error}", place.display())))?;
    }
    eprintln!("{bytes} bytes put into {}", data.display());
    if !place.exists() && std::env::var_os(MASTER_KEY_VARIABLE).is_none() {
        eprintln!("it opens with its master key only: copy that to {}, or set {MASTER_KEY_VARIABLE}", place.display());
        return Ok(Exit::Fine);
    }
    // That it opens shows that the key is the right one.
    Store::open(data).map(drop).map_err(failed)?;
    Ok(Exit::Fine)
}

fn readable(key: &Path) -> Result<(), Failure> {
    std::fs::read(key).map(drop).map_err(|error| Failure::environment(format!("{} cannot be read: {error}", key.display())))
}
