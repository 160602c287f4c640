//! A stretch of time that is read again: a job that goes on after a restart, can be cancelled and undone, and leaves the live cursor alone.

use salesdash_connect::poll::Ended;
use salesdash_engine::events::What;
use salesdash_engine::jobs::{JobState, UndoImpact};
use salesdash_store::executions::{Filter, Status};
use salesdash_store::{Paging, StoreError};
use salesdash_testkit::Reply;
use salesdash_value::{Instant, RecordKind, Value};

use crate::support::{Installation, deal, deals};

fn at(text: &str) -> Instant {
    text.parse().expect("a time")
}

impl Installation {
    fn backfill(&self, from: &str, until: Option<&str>) -> JobState {
        self.connect.backfill(self.tenant, self.source, at(from), until.map(at), "Sam").expect("it begins")
    }

    fn job(&self, job: i64) -> JobState {
        self.engine.job(self.tenant, job).expect("a job")
    }

    fn cursor(&self) -> Value {
        self.connect.state(self.tenant, self.source).expect("a state").cursor
    }

    /// Waits until a backfill has read everything.
    async fn read(&self, job: i64) {
        let mut events = self.engine.listen();
        while !self.job(job).backfill.is_some_and(|backfill| backfill.read) {
            let _ = events.recv().await;
        }
    }

    /// Has a job executed to its end.
    async fn ended(&self, job: i64) -> JobState {
        loop {
            self.execute().await;
            let engine = std::sync::Arc::clone(&self.engine);
            tokio::task::spawn_blocking(move || engine.tick()).await.expect("no panic").expect("a tick");
            let state = self.job(job);
            if !matches!(state.state.as_str(), "running" | "undoing") {
                return state;
            }
        }
    }

    fn activities(&self) -> i64 {
        let counts = self.engine.store().read(self.tenant, |scope| scope.record_counts()).expect("records");
        counts.iter().find(|(kind, ..)| *kind == RecordKind::Activity).map_or(0, |(_, count, _)| *count)
    }

    fn balanced(&self) {
        let ledgers = self.engine.check_ledgers(self.tenant).expect("ledgers");
        assert!(ledgers.iter().all(salesdash_engine::retention::LedgerCheck::holds), "{ledgers:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backfill_reads_again_beside_the_live_cursor() {
    let at = Installation::new();
    at.vendor.table("deals", &deals(10));
    at.poll().await;
    at.execute().await;
    let cursor = at.cursor();
    at.vendor.table("deals", &deals(20));
    let job = at.backfill("2026-03-01T00:00:00Z", Some("2026-03-01T10:14:30Z"));
    assert_eq!((job.kind.as_str(), job.state.as_str()), ("backfill", "running"));
    at.read(job.id).await;
    let run = at.run();
    assert_eq!((run.kind.as_str(), run.verdict.as_str(), run.duplicate, run.taken), ("backfill", "succeeded", 10, 5), "{run:?}");
    // What it called for has still to be executed.
    assert_eq!((at.job(job.id).state.as_str(), at.job(job.id).done, at.job(job.id).total), ("running", 0, 5));
    let job = at.ended(job.id).await;
    let backfill = job.backfill.clone().expect("its progress");
    assert_eq!((backfill.pages, backfill.records, backfill.taken, backfill.duplicate, backfill.share), (1, 20, 5, 10, 100));
    assert_eq!((job.state.as_str(), job.done, job.total), ("finished", 5, 5));
    assert_eq!(at.cursor(), cursor);
    assert_eq!(at.activities(), 15);
    let refused = at.connect.backfill(at.tenant, at.source, self::at("2027-01-01T00:00:00Z"), None, "Sam");
    assert_eq!(refused.expect_err("in the future").to_string(), "the beginning must lie before the end, and before now");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_goes_on_after_a_restart_where_it_stopped() {
    let at = Installation::new();
    at.vendor.table("deals", &deals(120));
    // The second page is never answered: the vendor stays down.
    let after: Vec<Reply> = (0..40).map(|_| Reply::json(503, "{}")).collect();
    at.vendor.route("/v1/deals/search", {
        let mut after = after.into_iter();
        move |asked| if asked.body.contains("\"after\"") { after.next() } else { None }
    });
    let job = at.backfill("2026-03-01T00:00:00Z", None);
    let mut events = at.engine.listen();
    while at.job(job.id).backfill.and_then(|backfill| backfill.reason).is_none() {
        let _ = events.recv().await;
    }
    let backfill = at.job(job.id).backfill.expect("its progress");
    assert_eq!((backfill.pages, backfill.records, backfill.read), (1, 50, false));
    assert!(backfill.reached.is_some() && backfill.share < 100, "{backfill:?}");
    let another = at.connect.backfill(at.tenant, at.source, self::at("2026-01-01T00:00:00Z"), None, "Sam").expect_err("one at a time");
    assert!(another.to_string().contains("is on its way"), "{another}");
    let (vendor, directory) = at.closed();
    vendor.forget();
    vendor.forget_routes();
    let at = Installation::reopened_with_types(vendor, directory);
    let known = at.connect.state(at.tenant, at.source).expect("a state").backfill.expect("it is still there");
    assert_eq!((known.progress.job, known.progress.pages, known.running.is_none()), (job.id, 1, true));
    at.connect.start().expect("started");
    at.read(job.id).await;
    let first = at.vendor.asked().into_iter().find(|asked| asked.path == "/v1/deals/search" && asked.body.contains("\"after\":\"50\""));
    assert!(first.is_some(), "it did not go on from the second page: {:?}", at.vendor.asked());
    assert_eq!(at.ended(job.id).await.state, "finished");
    assert_eq!(at.activities(), 120);
    at.balanced();
    at.connect.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_cancelled_and_what_was_stored_stays() {
    let at = Installation::new();
    at.vendor.table("deals", &deals(120));
    let (engine, tenant) = (std::sync::Arc::clone(&at.engine), at.tenant);
    // Whoever cancels it does so while the second page is asked for.
    at.vendor.route("/v1/deals/search", move |asked| {
        if asked.body.contains("\"after\":\"50\"") {
            let running = engine.store().read(tenant, |scope| scope.jobs_of("backfill", "running")).expect("jobs");
            engine.cancel_job(tenant, running[0].id).expect("cancelled");
        }
        None
    });
    let mut events = at.engine.listen();
    let job = at.backfill("2026-03-01T00:00:00Z", None);
    loop {
        match events.recv().await.expect("an event").what {
            What::Run { verdict, .. } if verdict != "running" => break,
            _ => {}
        }
    }
    assert_eq!((at.job(job.id).state.as_str(), at.run().verdict.as_str(), at.run().pages), ("cancelled", "cancelled", 1));
    let backfill = at.job(job.id).backfill.expect("its progress");
    assert_eq!((backfill.pages, backfill.records), (1, 50));
    assert_eq!(at.connect.state(at.tenant, at.source).expect("a state").backfill.map(|known| known.progress.job), None);
    let ended = at.engine.cancel_job(at.tenant, job.id).expect_err("it has ended");
    assert_eq!(ended.to_string(), "the job is cancelled already");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_alone_brought_is_undone() {
    let at = Installation::new();
    at.vendor.table("deals", &deals(10));
    at.poll().await;
    at.execute().await;
    let cursor = at.cursor();
    at.vendor.table("deals", &deals(20));
    let job = at.backfill("2026-03-01T00:00:00Z", Some("2026-03-01T10:14:30Z"));
    assert!(matches!(at.engine.undo_job(at.tenant, job.id), Err(salesdash_engine::EngineError::Store(StoreError::Conflict(_)))));
    at.read(job.id).await;
    at.ended(job.id).await;
    // d10 arrives otherwise too, unchanged, and d11 in a later state.
    at.vendor.table("deals", &format!("[{},{}]", deal(10, "won", "u1", "10:10:00"), deal(11, "won", "u1", "10:59:00")));
    assert!(matches!(at.poll().await, Ended::Succeeded));
    at.execute().await;
    let impact = at.engine.undo_impact(at.tenant, job.id).expect("an impact");
    assert_eq!(impact, UndoImpact { executions: 4, models: 4, removed: 3, reverted: 0, left: impact.left });
    assert!(impact.left > 0, "what d11 wrote was written again: {impact:?}");
    at.engine.undo_job(at.tenant, job.id).expect("begun");
    let undone = at.ended(job.id).await;
    assert_eq!((undone.state.as_str(), undone.done, undone.left), ("undone", 4, impact.left));
    // Ten of the live poll, d10 and d11.
    assert_eq!(at.activities(), 12);
    assert_eq!(at.cursor(), at.cursor(), "{cursor:?}");
    at.balanced();
    let filter = Filter { status: Some(Status::Undone), ..Filter::default() };
    let executions = at.engine.store().read(at.tenant, move |scope| scope.executions(&filter, Paging::default())).expect("executions");
    assert_eq!(executions.items.len(), 4);
    // What was undone counts for nothing: read again, it is taken again.
    at.vendor.table("deals", &deals(20));
    let again = at.backfill("2026-03-01T00:00:00Z", Some("2026-03-01T10:14:30Z"));
    at.read(again.id).await;
    let again = at.ended(again.id).await;
    assert_eq!(again.backfill.map(|backfill| (backfill.taken, backfill.stale)), Some((3, 1)));
    assert_eq!(at.activities(), 15);
    at.balanced();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_takes_back_what_still_waits_and_what_was_done_over() {
    let at = Installation::new();
    at.vendor.table("deals", &deals(6));
    let job = at.backfill("2026-03-01T00:00:00Z", None);
    at.read(job.id).await;
    // Nothing is executed yet: everything waits.
    at.engine.cancel_job(at.tenant, job.id).expect("cancelled");
    at.engine.undo_job(at.tenant, job.id).expect("begun");
    assert_eq!(at.ended(job.id).await.state, "undone");
    assert_eq!((at.activities(), at.engine.queue().depth), (0, 0));
    at.balanced();
    let job = at.backfill("2026-03-01T00:00:00Z", None);
    at.read(job.id).await;
    assert_eq!(at.ended(job.id).await.state, "finished");
    let processor = at.engine.store().read(at.tenant, |scope| scope.processors()).expect("processors")[0].id;
    let request =
        salesdash_engine::jobs::ReprocessRequest { processor, link: None, from: None, to: None, fresh: false, actor: "Sam".to_owned() };
    let over = at.engine.reprocess(at.tenant, &request).expect("begun");
    assert_eq!(at.ended(over.id).await.total, 6);
    at.engine.undo_job(at.tenant, job.id).expect("begun");
    let undone = at.ended(job.id).await;
    assert_eq!((undone.state.as_str(), undone.left), ("undone", 0));
    assert_eq!(at.activities(), 0);
    at.balanced();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_is_said_and_it_goes_on_afterwards() {
    let at = Installation::new();
    at.vendor.table("deals", &deals(120));
    let switch = |on: bool| {
        let source = at.source;
        let change = move |scope: &mut salesdash_store::Scope<'_>| {
            let known = scope.source(source)?;
            scope.update_source(source, &known.name, &known.settings, on, None)
        };
        at.engine.store().write(at.tenant, change).expect("changed");
        at.engine.changed(at.tenant);
    };
    at.connect.start().expect("started");
    switch(false);
    let refused = at.connect.backfill(at.tenant, at.source, self::at("2026-03-01T00:00:00Z"), None, "Sam");
    assert_eq!(refused.expect_err("paused").to_string(), "this source is paused; resume it first");
    let refused = at.connect.run_now(at.tenant, at.source);
    assert_eq!(refused.expect_err("paused").to_string(), "this source is paused; resume it first");
    switch(true);
    // Somebody pauses the source while the second page is asked for.
    let (engine, tenant, source) = (std::sync::Arc::clone(&at.engine), at.tenant, at.source);
    at.vendor.route("/v1/deals/search", move |asked| {
        if asked.body.contains("\"after\":\"50\"") {
            let change = move |scope: &mut salesdash_store::Scope<'_>| {
                let known = scope.source(source)?;
                scope.update_source(source, &known.name, &known.settings, false, None)
            };
            engine.store().write(tenant, change).expect("changed");
            engine.changed(tenant);
        }
        None
    });
    let job = at.backfill("2026-03-01T00:00:00Z", None);
    let mut events = at.engine.listen();
    let said = || at.job(job.id).backfill.and_then(|backfill| backfill.reason).is_some_and(|reason| reason.contains("is paused"));
    while !said() {
        let _ = events.recv().await;
    }
    let state = at.connect.state(at.tenant, at.source).expect("a state");
    assert_eq!(state.stopped, Some(salesdash_connect::schedule::Stopped::Paused));
    assert!(state.backfill.is_some(), "it is still there");
    at.vendor.forget_routes();
    switch(true);
    at.read(job.id).await;
    assert_eq!(at.ended(job.id).await.state, "finished");
    assert_eq!(at.activities(), 120);
    at.balanced();
    at.connect.shutdown().await;
}
