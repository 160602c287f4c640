//! What can go wrong with stored data, named after what failed.

/// An error of the store. What was acknowledged before is never lost by one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Another process has the installation open.
    #[error("another process is using {0}; stop it first, or choose another directory with --data")]
    InUse(String),
    /// The database is locked by another program.
    #[error("the database is locked by another program; close what has it open and try again")]
    Locked,
    /// There is no space left.
    #[error("the disk is full; nothing that was accepted is lost, and work goes on by itself when there is space again")]
    Full,
    /// The file or directory cannot be written.
    #[error("the database cannot be written: {0}; check the permissions of the data directory")]
    ReadOnly(String),
    /// The file is damaged.
    #[error("the database is damaged: {0}; restore the last backup")]
    Damaged(String),
    /// The database was made by a newer version.
    #[error("the database has schema {found}, and this version reads up to {known}; start the newer version that made it")]
    Newer {
        /// The schema of the database.
        found: i64,
        /// The newest schema that this version knows.
        known: i64,
    },
    /// The master key does not fit the data, or cannot be read.
    #[error("the master key does not fit: {0}")]
    Key(String),
    /// There is no such row.
    #[error("there is no such {0}")]
    Missing(&'static str),
    /// Something of that name or id is there already, or the state does not allow it.
    #[error("{0}")]
    Conflict(String),
    /// The store is shutting down.
    #[error("the store is closing")]
    Closing,
    /// Anything else that the database says.
    #[error("the database failed: {0}")]
    Database(String),
}

/// A result of the store.
pub type Result<T> = std::result::Result<T, StoreError>;
