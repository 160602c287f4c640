//! One run at a time for each source, whatever process it is in.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use salesdash_connect::poll::{Ended, LIVE, Running, lease};

use crate::support::{Installation, deals};

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_do_not_run_a_source_at_once() {
    let at = Installation::new();
    at.vendor.table("deals", &deals(120));
    let (other, handle) = (at.another(), tokio::runtime::Handle::current());
    let key = (at.tenant, at.source, LIVE);
    let (tried, asked) = (Arc::new(Mutex::new(None)), AtomicUsize::new(0));
    let noting = Arc::clone(&tried);
    at.vendor.route("/v1/deals/search", move |_| {
        // While the second page is on its way, the other process finds the source due as well.
        if asked.fetch_add(1, Ordering::Relaxed) == 1 {
            let ended = handle.block_on(other.run_once(key, Arc::new(Running::default()))).expect("it looks");
            *noting.lock() = Some(matches!(ended, Ended::Elsewhere));
        }
        None
    });
    assert!(matches!(at.poll().await, Ended::Succeeded));
    assert_eq!(*tried.lock(), Some(true));
    assert_eq!((at.vendor.count("/v1/deals/search"), at.ledger().0), (3, 120));
    // Nothing was logged of the one that did not run, and what is done is given back at once.
    let runs = at.engine.store().read(at.tenant, |scope| scope.runs(Some(at.source), salesdash_store::Paging::default())).expect("runs");
    assert_eq!(runs.items.len(), 1);
    let ended = at.another().run_once(key, Arc::new(Running::default())).await.expect("it runs");
    assert!(matches!(ended, Ended::Succeeded));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_taken_over_stores_nothing_more() {
    let at = Installation::new();
    at.vendor.table("deals", &deals(120));
    let (engine, clock, tenant, source) = (Arc::clone(&at.engine), Arc::clone(&at.clock), at.tenant, at.source);
    at.vendor.route("/v1/deals/search", move |asked| {
        // This process was asleep for ten minutes, and another one came.
        if asked.body.contains("\"after\":\"50\"") {
            clock.advance(Duration::from_secs(600));
            let take = move |scope: &mut salesdash_store::Scope<'_>| {
                let until = scope.now() + 60_000_000;
                scope.take_lease(&lease(source, LIVE), "another", until)
            };
            assert!(engine.store().write(tenant, take).expect("asked"), "its time is over");
        }
        None
    });
    assert!(matches!(at.poll().await, Ended::Elsewhere));
    let run = at.run();
    assert_eq!((run.verdict.as_str(), run.pages, at.ledger().0), ("cancelled", 1, 50));
    assert!(run.reason.is_some_and(|reason| reason.starts_with("Another process has taken it over")));
    // As long as the other has it, nothing is done here; then it goes on where it was.
    at.vendor.forget_routes();
    at.vendor.forget();
    assert!(matches!(at.poll().await, Ended::Elsewhere));
    assert_eq!(at.vendor.count("/v1/deals/search"), 0);
    at.clock.advance(Duration::from_secs(61));
    assert!(matches!(at.poll().await, Ended::Succeeded));
    assert!(at.vendor.asked()[0].body.contains("\"after\":\"50\""));
    let (received, _, duplicate, ..) = at.ledger();
    assert_eq!((received, duplicate), (120, 0));
}
