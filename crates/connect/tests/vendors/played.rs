//! What the tests of several vendors do in the same way: poll and execute and see that nothing failed, look at records in the order of
//! time.

use std::ops::Deref;
use std::time::Duration;

use salesdash_connect::poll::Ended;
use salesdash_store::Paging;
use salesdash_store::executions::Filter;
use salesdash_store::records::{Linked, RecordFilter};
use salesdash_store::runs::Run;
use salesdash_value::{IdentityKind, RecordKind, Value};

use crate::support::{Installation, Source, shown};

/// An installation whose vendor is played, at noon on March 3, 2026.
pub struct Played(Installation);

impl Deref for Played {
    type Target = Installation;

    fn deref(&self) -> &Installation {
        &self.0
    }
}

impl Played {
    /// A provider of this type. In its definition, each of `addresses` is replaced by the played vendor's; `{url}` in settings and
    /// credentials too.
    pub fn start(name: &str, addresses: &[&str], settings: &str, credentials: &str) -> Self {
        let replaced: Vec<(&str, &str)> = addresses.iter().map(|address| (*address, "{url}")).collect();
        let at = Installation::new(name, &replaced, settings, credentials);
        at.clock.advance(Duration::from_secs(24 * 3600));
        Self(at)
    }

    /// Polls a source once, and everything that comes of it is executed. Panics where something fails.
    pub async fn poll_and_execute(&self, source: &Source) -> Run {
        let ended = self.poll(source).await;
        assert!(matches!(ended, Ended::Succeeded), "{ended:?}");
        self.execute().await;
        self.assert_executed();
        let run = self.last_run(source);
        let [.., waiting, failed] = self.ledger(source);
        assert_eq!((waiting, failed), (0, 0), "{run:?}");
        run
    }

    /// Sends a delivery to a source, and gives the status of the answer.
    pub fn deliver(&self, source: &Source, body: &str, headers: &[(&str, &str)]) -> u16 {
        self.send(source, headers, body).status
    }

    /// Panics where an execution failed or waits.
    pub fn assert_executed(&self) {
        let mut paging = Paging { limit: 500, ..Paging::default() };
        loop {
            let page = self.engine.store().read(self.tenant, |scope| scope.executions(&Filter::default(), paging)).expect("executions");
            for execution in &page.items {
                let (status, message) = (execution.status.name(), &execution.message);
                assert!(["succeeded", "skipped", "stale"].contains(&status), "{status} at {:?}: {message:?}", execution.instruction);
            }
            match page.items.last() {
                Some(last) => paging.before = last.id,
                None => return,
            }
        }
    }

    /// The records of a kind, oldest first and 500 at most, each as its external id and these fields.
    pub fn in_order(&self, kind: RecordKind, fields: &[&str]) -> Vec<String> {
        let filter = RecordFilter::default();
        let rows = self.engine.store().read(self.tenant, |scope| scope.records(kind, &filter, None, 500)).expect("records");
        let told = rows.items.iter().rev().map(|record| {
            let values = fields.iter().map(|name| shown(record.row.field(name)));
            std::iter::once(record.row.external_id.to_string()).chain(values).collect::<Vec<_>>().join(" ")
        });
        told.collect()
    }

    /// The names of the agents, in the order of the alphabet.
    pub fn names(&self) -> Vec<String> {
        let rows = self.engine.store().read(self.tenant, |scope| scope.identities(IdentityKind::Agent, Linked::Any, Paging::default()));
        let mut names: Vec<String> = rows.expect("identities").items.iter().map(|agent| shown(agent.row.field("external_name"))).collect();
        names.sort();
        names
    }

    /// A token or captured field of the connection.
    pub fn held(&self, name: &str) -> Option<String> {
        self.credentials().at(&["$connection", name]).and_then(Value::as_text).map(ToOwned::to_owned)
    }

    /// How long was waited so far, in seconds.
    pub fn waited(&self) -> u64 {
        self.clock.slept().iter().sum::<Duration>().as_secs()
    }
}
