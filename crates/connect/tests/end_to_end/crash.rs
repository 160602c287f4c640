//! `kill -9` in the middle of a run, again and again: nothing is lost, nothing is done twice.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use salesdash_connect::Connect;
use salesdash_connect::clock::SystemClock;
use salesdash_connect::http::Network;
use salesdash_connect::poll::{Ended, LIVE, Running};
use salesdash_engine::{Engine, Options};
use salesdash_providers::Types;
use salesdash_store::Store;

use salesdash_testkit::crm;

use crate::support::{Installation, deal};

/// The directory and the vendor of the process that is to be killed.
const DIRECTORY: &str = "SALESDASH_TEST_CRASH_DIRECTORY";
const VENDOR: &str = "SALESDASH_TEST_CRASH_VENDOR";

/// Polls and executes what is in a directory: runs in a process of its own.
async fn work(directory: &Path, vendor: &str) {
    let mut types = Types::embedded();
    types.add("example", &crm::files(vendor, |definition| definition)).expect("the made-up CRM");
    let store = Arc::new(Store::open(directory).expect("a store"));
    let tenant = store.tenants().expect("tenants")[0].id;
    let source = store.read(tenant, |scope| scope.sources(None)).expect("sources")[0].id;
    let engine = Engine::open(store, Options::default()).expect("an engine");
    let network = Network::new(&["127.0.0.1".parse().expect("a range")]).expect("a network");
    let connect = Connect::open(Arc::clone(&engine), Arc::new(types), Arc::new(network), Arc::new(SystemClock));
    engine.set_enrich(Arc::<Connect>::clone(&connect));
    let ended = connect.run_once((tenant, source, LIVE), Arc::new(Running::default())).await.expect("a run that is logged");
    assert!(matches!(ended, Ended::Succeeded), "{ended:?}");
    tokio::task::spawn_blocking(move || engine.drain()).await.expect("no panic");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_process_that_is_killed() {
    // Run by itself, there is nothing to do: the test below starts it.
    if let (Ok(directory), Ok(vendor)) = (std::env::var(DIRECTORY), std::env::var(VENDOR)) {
        work(Path::new(&directory), &vendor).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_done_twice_by_kill_nine() {
    let at = Installation::new();
    // One a second, twenty pages of them.
    let all: Vec<String> = (0..1000).map(|id| deal(id, "won", "u1", &format!("10:{:02}:{:02}", id / 60, id % 60))).collect();
    at.vendor.table("deals", &format!("[{}]", all.join(",")));
    let (vendor, directory) = at.closed();
    let start = || {
        Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "crash::the_process_that_is_killed"])
            .env(DIRECTORY, directory.path())
            .env(VENDOR, vendor.url())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts")
    };
    // Killed while the first page is stored, and a little later each time: before an answer is stored, while it is, or after.
    for kill in 0..12 {
        vendor.forget();
        let mut child = start();
        vendor.wait_for("/v1/deals/search", 1);
        for _ in 0..kill * 40 {
            std::thread::yield_now();
        }
        child.kill().expect("killed");
        child.wait().expect("gone");
    }
    assert!(start().wait().expect("it ends").success());
    let at = Installation::reopened(vendor, directory);
    let (received, executed, duplicate, waiting, failed) = at.ledger();
    assert_eq!((received - duplicate, executed, waiting, failed), (1000, 1000, 0, 0));
    let counts = at.engine.store().read(at.tenant, |scope| scope.record_counts()).expect("records");
    let activities = counts.iter().find(|(kind, ..)| *kind == salesdash_value::RecordKind::Activity).map(|(_, count, _)| *count);
    assert_eq!(activities, Some(1000));
}
