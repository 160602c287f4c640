//! Retention: old payloads go first; executions, their outcomes and the records stay. And the check that the ledgers balance.

use salesdash_store::ledger::Ledger;

/// What a pass of retention came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retained {
    /// Payloads that were removed.
    pub payloads: usize,
    /// Ids of events that were forgotten.
    pub events: usize,
    /// Bytes given back to the disk.
    pub bytes: u64,
}

/// The ledger of a source against the rows.
#[derive(Clone, Debug)]
pub struct LedgerCheck {
    /// The source.
    pub source: i64,
    /// What is kept.
    pub kept: Ledger,
    /// What the rows come to.
    pub counted: Ledger,
}

impl LedgerCheck {
    /// Whether all is well.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.kept.balances() && self.kept == self.counted
    }
}

impl crate::Engine {
    /// Removes what a tenant's settings no longer keep, and gives the space back to the disk. Short transactions: nothing waits for it.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn retain(&self, _tenant: i64) -> crate::Result<Retained> {
        todo!()
    }

    /// The ledgers of a tenant's sources against the rows.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn check_ledgers(&self, _tenant: i64) -> crate::Result<Vec<LedgerCheck>> {
        todo!()
    }
}
