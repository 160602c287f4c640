//! Retention: old payloads go first; executions, their outcomes and the records stay. And the check that the ledgers balance.

use std::sync::Arc;

use salesdash_store::ledger::Ledger;

use crate::settings::TenantSettings;
use crate::{Engine, Result};

/// Payloads that are removed in one transaction.
const CHUNK: i64 = 500;
/// Rows whose references are looked at in one transaction.
const REFERENCES: i64 = 10_000;
/// Pages that are given back to the disk in one transaction.
const PAGES: i64 = 500;
/// Days that ids of events are remembered: senders repeat for hours, some for days.
const EVENT_DAYS: i64 = 45;
/// Days that the runs of sources are kept.
const RUN_DAYS: i64 = 90;
const DAY_US: i64 = 86_400_000_000;

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

impl Engine {
    /// Removes what a tenant's settings no longer keep, and gives the space back to the disk. Short transactions: nothing waits for it.
    ///
    /// # Errors
    /// Where the database fails. What was removed before then stays removed.
    pub fn retain(&self, tenant: i64) -> Result<Retained> {
        let settings: TenantSettings = self.catalog.tenant(&self.store, tenant)?.settings.clone();
        let (now, before) = (self.store.now(), self.store.database().size());
        let mut retained = Retained::default();
        if let Some(days) = settings.retention_days {
            retained.payloads += self.forget_before(tenant, now - i64::from(days) * DAY_US)?;
        }
        if let Some(most) = settings.retention_bytes {
            // The oldest go until the rest fits.
            if let Some(before) = self.store.read(tenant, |scope| scope.payloads_beyond(most))? {
                retained.payloads += self.forget_before(tenant, before)?;
            }
        }
        retained.events = self.store.write(tenant, move |scope| {
            scope.forget_runs(now - RUN_DAYS * DAY_US)?;
            scope.forget_events(now - EVENT_DAYS * DAY_US)
        })?;
        while self.store.database().give_back(PAGES)? {}
        if retained.payloads > 0 {
            self.store.database().checkpoint()?;
        }
        retained.bytes = before.saturating_sub(self.store.database().size());
        Ok(retained)
    }

    fn forget_before(&self, tenant: i64, before: i64) -> Result<usize> {
        let since = self.store.next_id();
        let in_use = Arc::new(self.store.read(tenant, |scope| scope.payloads_in_use(before, before))?);
        let (mut after, mut all) = (0, 0);
        loop {
            let in_use = Arc::clone(&in_use);
            let forgotten = self.store.write(tenant, move |scope| {
                // What arrived since the beginning can refer to old payloads too.
                let mut used = scope.payloads_in_use(before, since)?;
                used.extend(in_use.iter());
                scope.forget_payloads(before, after, CHUNK, &used)
            })?;
            all += forgotten.removed;
            match forgotten.last {
                Some(last) => after = last,
                None => break,
            }
        }
        let mut from = Some(0);
        while let Some(place) = from.filter(|_| all > 0) {
            from = self.store.write(tenant, move |scope| scope.forget_references(before, place, REFERENCES))?;
        }
        Ok(all)
    }

    /// The ledgers of a tenant's sources against the rows.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn check_ledgers(&self, tenant: i64) -> Result<Vec<LedgerCheck>> {
        Ok(self.store.read(tenant, |scope| {
            let sources = scope.sources(None)?;
            sources
                .iter()
                .map(|source| {
                    let (kept, counted) = (scope.ledger(source.id)?, scope.counted_ledger(source.id)?);
                    Ok(LedgerCheck { source: source.id, kept, counted })
                })
                .collect()
        })?)
    }
}
