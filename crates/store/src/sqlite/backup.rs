//! Backups: one file, taken while the installation is in use, and put back where there is none.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::{FILE, connect, failed, lock};
use crate::error::{Result, StoreError};
use crate::private;
use crate::schema::MIGRATIONS;

/// Copies the database of a data directory to a file, as it is at one instant, whether or not a process is using it: nobody who writes
/// waits for it. The file appears once it is whole and on the disk. The master key is not in it.
///
/// # Errors
/// Where there is no database, the file is there already, or it cannot be written.
pub fn back_up(directory: &Path, to: &Path) -> Result<u64> {
    let from = directory.join(FILE);
    if !from.is_file() {
        return Err(StoreError::Missing("installation in this directory"));
    }
    if to.exists() {
        return Err(StoreError::Conflict(format!("{} is there already; choose another name", to.display())));
    }
    let part = part(to);
    let copied = copy(&connect(&from, true)?, &part);
    finish(copied, &part, to)
}

/// Puts a backup into a data directory that holds no installation yet, once it has been read from end to end.
///
/// # Errors
/// Where the directory holds one, the file is no backup or is damaged, or it cannot be written.
pub fn restore(from: &Path, directory: &Path) -> Result<u64> {
    let unreadable = |error: std::io::Error| StoreError::Conflict(format!("{} cannot be read: {error}", from.display()));
    File::open(from).map_err(unreadable)?;
    let refused = || StoreError::Conflict(format!("{} is no backup of SalesDash", from.display()));
    let no_backup = |_| refused();
    let source = connect(from, true).map_err(|_| refused())?;
    let found: i64 = source.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(no_backup)?;
    let known = MIGRATIONS.len() as i64;
    source.query_row("SELECT COUNT(*) FROM tenants", [], |row| row.get::<_, i64>(0)).map_err(no_backup)?;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    let answer: String = source.query_row("PRAGMA integrity_check", [], |row| row.get(0)).map_err(failed)?;
    if answer != "ok" {
        return Err(StoreError::Conflict(format!("{} is damaged: {answer}", from.display())));
    }
    std::fs::create_dir_all(directory).map_err(|error| StoreError::ReadOnly(format!("{}: {error}", directory.display())))?;
    let _lock = lock(directory)?;
    let to = directory.join(FILE);
    if to.exists() {
        return Err(StoreError::Conflict(format!("{} holds an installation already; choose another directory", directory.display())));
    }
    let part = part(&to);
    let copied = copy(&source, &part);
    finish(copied, &part, &to)
}

/// The name of a file that is not whole yet.
fn part(to: &Path) -> PathBuf {
    let mut name = to.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

fn copy(source: &Connection, part: &Path) -> Result<u64> {
    let unwritable = |error: std::io::Error| StoreError::ReadOnly(format!("{}: {error}", part.display()));
    private::empty(part).map_err(unwritable)?;
    let mut target = Connection::open(part).map_err(failed)?;
    {
        let backup = Backup::new(source, &mut target).map_err(failed)?;
        // All pages in one step: what is written meanwhile stays out, instead of making it begin again.
        while backup.step(-1).map_err(failed)? != StepResult::Done {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    // The copy is one file, whatever journal the original has.
    target.pragma_update(None, "journal_mode", "DELETE").map_err(failed)?;
    target.close().map_err(|(_, error)| failed(error))?;
    let file = File::open(part).map_err(unwritable)?;
    file.sync_all().map_err(unwritable)?;
    Ok(file.metadata().map_err(unwritable)?.len())
}

fn finish(copied: Result<u64>, part: &Path, to: &Path) -> Result<u64> {
    let moved = copied.and_then(|bytes| {
        std::fs::rename(part, to).map_err(|error| StoreError::ReadOnly(format!("{}: {error}", to.display())))?;
        Ok(bytes)
    });
    if moved.is_err() {
        let _ = std::fs::remove_file(part);
    }
    moved
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use crate::Store;
    use crate::error::StoreError;

    use super::*;

    #[test]
    fn a_backup_is_taken_in_the_midst_of_writing_and_put_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let (data, file, other) = (folder.path().join("data"), folder.path().join("backup.db"), folder.path().join("other"));
        let store = Store::open(&data).expect("a store");
        let tenant = store.create_tenant("Acme", "{}").expect("a tenant").id;
        let write = |store: &Store| store.write(tenant, |scope| scope.create_provider("webhook", "CRM", "{}", None)).map(|_| ());
        let ended = AtomicBool::new(false);
        std::thread::scope(|threads| {
            threads.spawn(|| {
                while !ended.load(Ordering::Relaxed) {
                    write(&store).expect("a write");
                }
            });
            for _ in 0..20 {
                write(&store).expect("a write");
            }
            let taken = back_up(&data, &file);
            ended.store(true, Ordering::Relaxed);
            assert!(taken.expect("a backup") > 0);
        });
        assert!(matches!(back_up(&data, &file), Err(StoreError::Conflict(_))));
        assert!(matches!(restore(&file, &data), Err(StoreError::InUse(_))));
        restore(&file, &other).expect("put back");
        assert!(matches!(restore(&file, &other), Err(StoreError::Conflict(_))));
        // Without its master key it stays closed.
        assert!(matches!(Store::open(&other), Err(StoreError::Key(_))));
        std::fs::copy(data.join("master.key"), other.join("master.key")).expect("the key");
        let put_back = Store::open(&other).expect("the installation");
        let providers = put_back.read(tenant, |scope| scope.providers()).expect("the providers").len();
        assert!(providers >= 20, "{providers}");
    }

    #[test]
    fn what_is_no_backup_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, to) = (folder.path().join("no.db"), folder.path().join("data"));
        assert!(matches!(restore(&file, &to), Err(StoreError::Conflict(_))));
        std::fs::write(&file, "not a database at all, whatever its name says").expect("a file");
        assert!(matches!(restore(&file, &to), Err(StoreError::Conflict(_))));
        assert!(!to.exists());
        assert!(matches!(back_up(&to, &folder.path().join("backup.db")), Err(StoreError::Missing(_))));
    }
}
