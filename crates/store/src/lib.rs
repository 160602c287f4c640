//! The store: the only place with SQL. One interface ([`sql`]), statements that every database understands, and one module for each
//! database ([`sqlite`]).
//!
//! A caller opens a [`Store`], and does its reads and writes in closures that get a [`Scope`]: a transaction of one tenant. There is no
//! way to write a query for a tenant's data without saying whose. What concerns the whole installation (which tenants there are, whose a
//! token or a webhook URL is) is on the [`Store`] itself.

pub mod addresses;
pub mod attempts;
pub mod browse;
pub mod config;
pub mod connecting;
pub mod crypto;
pub mod cursors;
pub mod deliveries;
pub mod enrichments;
pub mod entities;
pub mod erasing;
pub mod error;
pub mod executions;
pub mod freshness;
pub mod installation;
pub mod jobs;
pub mod leases;
pub mod ledger;
mod numbers;
pub mod page;
mod parted;
pub mod payload;
pub mod presets;
mod private;
pub mod records;
pub mod retention;
pub mod rotation;
pub mod runs;
mod samples;
pub mod schema;
pub mod search;
pub mod sql;
pub mod sqlite;
pub mod users;
mod versions;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use parking_lot::RwLock;

pub use crypto::{MasterKey, Vault};
pub use error::{Result, StoreError};
pub use page::{Page, Paging};

use sql::Sql;
use sqlite::Sqlite;

/// An installation's data.
pub struct Store {
    database: Sqlite,
    directory: PathBuf,
    master: MasterKey,
    shared: Arc<Shared>,
}

/// Tells the time, in microseconds since 1970.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// What transactions share.
#[derive(Default)]
pub(crate) struct Shared {
    vaults: RwLock<HashMap<i64, Arc<Vault>>>,
    dictionaries: payload::Dictionaries,
    silences: freshness::Silences,
    last_id: AtomicI64,
    clock: RwLock<Option<Clock>>,
}

impl Shared {
    /// The time in microseconds.
    fn now(&self) -> i64 {
        self.clock.read().as_ref().map_or_else(now_micros, |clock| clock())
    }

    /// A new id: the time in microseconds, or one more than the last.
    fn next_id(&self) -> i64 {
        let now = self.now();
        let mut id = now;
        let _ = self.last_id.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| {
            id = now.max(last + 1);
            Some(id)
        });
        id
    }
}

/// The time in microseconds since 1970.
#[must_use]
pub fn now_micros() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}

/// A transaction of one tenant.
pub struct Scope<'t> {
    pub(crate) sql: &'t mut dyn Sql,
    pub(crate) tenant: i64,
    pub(crate) vault: &'t Arc<Vault>,
    pub(crate) shared: &'t Arc<Shared>,
}

impl Scope<'_> {
    /// Whose it is.
    #[must_use]
    pub const fn tenant(&self) -> i64 {
        self.tenant
    }

    /// The tenant's keys.
    #[must_use]
    pub const fn vault(&self) -> &Arc<Vault> {
        self.vault
    }

    /// A new id, unique within the installation and greater than those before it.
    #[must_use]
    pub fn next_id(&self) -> i64 {
        self.shared.next_id()
    }

    /// A small number, unique within the installation, that is never used again: for the ids of what people set up.
    ///
    /// # Errors
    /// Where the database fails.
    pub(crate) fn next_number(&mut self) -> Result<i64> {
        next_number(self.sql)
    }

    /// The time, in microseconds since 1970.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.shared.now()
    }

    /// See [`Sql::plans`].
    ///
    /// # Errors
    /// Where the database refuses.
    #[doc(hidden)]
    pub fn plans(&mut self) -> Result<Vec<(String, Vec<String>)>> {
        self.sql.plans()
    }
}

/// A small number, unique within the installation, that is never used again.
pub(crate) fn next_number(sql: &mut dyn Sql) -> Result<i64> {
    let next =
        "INSERT INTO sequences (name, last) VALUES ('setup', 1) ON CONFLICT (name) DO UPDATE SET last = sequences.last + 1 RETURNING last";
    sql.row(next, &[], |row| row.int(0))?.ok_or(StoreError::Missing("number"))
}

impl Store {
    /// Opens the installation in a directory, and makes one where there is none.
    ///
    /// # Errors
    /// Where another process has it, it is of a newer version, its key does not fit, or it cannot be read or written.
    pub fn open(directory: &Path) -> Result<Self> {
        Self::open_on(directory, Sqlite::open(directory)?)
    }

    /// The same, but commits do not wait for the disk: what is written survives the end of the process, and not that of the machine.
    /// For samples and measurements only.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_unsynced(directory: &Path) -> Result<Self> {
        Self::open_on(directory, Sqlite::open_unsynced(directory)?)
    }

    fn open_on(directory: &Path, database: Sqlite) -> Result<Self> {
        let master = MasterKey::of(directory)?;
        let mut store = Self { database, directory: directory.to_owned(), master, shared: Arc::default() };
        match (store.load(), Self::key_of_cut_off_rotation(directory)?) {
            (Err(StoreError::Key(_)), Some(new)) => {
                store.master = new;
                store.load()?;
                Self::end_cut_off_rotation(directory)?;
            }
            (loaded, _) => loaded?,
        }
        Ok(store)
    }

    /// Tells the time from now on, instead of the system's clock: for simulations, and for history that is made after the fact. Ids
    /// never run backwards, whatever it says.
    pub fn set_clock(&self, clock: Clock) {
        *self.shared.clock.write() = Some(clock);
    }

    /// A new id, unique within the installation and greater than those before it.
    #[must_use]
    pub fn next_id(&self) -> i64 {
        self.shared.next_id()
    }

    /// The time, in microseconds since 1970.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.shared.now()
    }

    /// Where it is.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The database, for its size, its metrics and its backups.
    #[must_use]
    pub const fn database(&self) -> &Sqlite {
        &self.database
    }

    /// A tenant's keys.
    ///
    /// # Errors
    /// Where there is no such tenant.
    pub fn vault(&self, tenant: i64) -> Result<Arc<Vault>> {
        self.shared.vaults.read().get(&tenant).cloned().ok_or(StoreError::Missing("tenant"))
    }

    /// Reads one consistent state of a tenant's data.
    ///
    /// # Errors
    /// What the work gives.
    pub fn read<T>(&self, tenant: i64, work: impl FnOnce(&mut Scope<'_>) -> Result<T>) -> Result<T> {
        let vault = self.vault(tenant)?;
        self.database.read(|sql| work(&mut Scope { sql, tenant, vault: &vault, shared: &self.shared }))
    }

    /// Writes in the next commit, and waits for it.
    ///
    /// # Errors
    /// What the work gives, or why it could not be committed.
    pub fn write<T, F>(&self, tenant: i64, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Scope<'_>) -> Result<T> + Send + 'static,
    {
        let vault = self.vault(tenant)?;
        let shared = Arc::clone(&self.shared);
        self.database.write(move |sql| work(&mut Scope { sql, tenant, vault: &vault, shared: &shared }))
    }

    /// Writes in the next commit, and calls `done` after it (on the writer's thread: be quick). Does not wait for it.
    pub fn submit<T, F, D>(&self, tenant: i64, work: F, done: D)
    where
        T: Send + 'static,
        F: FnOnce(&mut Scope<'_>) -> Result<T> + Send + 'static,
        D: FnOnce(Result<T>) + Send + 'static,
    {
        match self.vault(tenant) {
            Ok(vault) => {
                let shared = Arc::clone(&self.shared);
                self.database.submit(move |sql| work(&mut Scope { sql, tenant, vault: &vault, shared: &shared }), done);
            }
            Err(error) => done(Err(error)),
        }
    }
}
