//! Installations to try things on.

use std::sync::Arc;

use salesdash_store::deliveries::{Delivery, Verdict};
use salesdash_store::{Paging, Result, Store};

/// A database that stores can be opened on, again and again.
pub trait Database {
    /// Opens the installation; what was written before is there.
    fn open(&self) -> Result<Store>;

    /// What is found after a crash at this instant.
    fn crashed(&self) -> Self;
}

/// The embedded database in a directory of its own.
pub struct Sqlite {
    pub directory: tempfile::TempDir,
}

impl Sqlite {
    pub fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }
}

impl Database for Sqlite {
    fn open(&self) -> Result<Store> {
        Store::open(self.directory.path())
    }

    fn crashed(&self) -> Self {
        let copy = Self::new();
        for file in ["salesdash.db", "salesdash.db-wal", "master.key"] {
            let from = self.directory.path().join(file);
            if from.exists() {
                std::fs::copy(from, copy.directory.path().join(file)).unwrap();
            }
        }
        copy
    }
}

/// An open store with a tenant that has one provider with one source.
pub struct Installation {
    pub store: Arc<Store>,
    pub tenant: i64,
    pub source: i64,
}

impl Installation {
    pub fn new(database: &impl Database) -> Self {
        let store = Arc::new(database.open().unwrap());
        let tenant = store.create_tenant("Acme", "{}").unwrap().id;
        let source = store
            .write(tenant, |scope| {
                let provider = scope.create_provider("webhook", "Forms", "{}", None)?.id;
                Ok(scope.create_source(provider, "webhook", "Leads", "lead", "{}", None)?.0.id)
            })
            .unwrap();
        Self { store, tenant, source }
    }

    /// Stores a delivery of this id.
    pub fn deliver(&self, id: i64) -> Result<()> {
        let row = delivery(id, self.source);
        self.store.write(self.tenant, move |scope| scope.insert_delivery(&row))
    }

    /// The ids of all deliveries, oldest first.
    pub fn delivered(&self) -> Vec<i64> {
        delivered(&self.store, self.tenant)
    }
}

/// The ids of all deliveries, oldest first.
pub fn delivered(store: &Store, tenant: i64) -> Vec<i64> {
    let all = Paging { before: i64::MAX, limit: 100_000 };
    let mut ids: Vec<i64> = store.read(tenant, |scope| scope.deliveries(None, None, all)).unwrap().items.iter().map(|row| row.id).collect();
    ids.reverse();
    ids
}

pub fn delivery(id: i64, source: i64) -> Delivery {
    Delivery { id, source, verdict: Verdict::Accepted, reason: None, bytes: 2, records: 1, payload: None }
}
