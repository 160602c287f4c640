//! What goes wrong around the engine: a full disk, a locked database, threads that come and go, payloads that are gone.

use std::sync::Arc;

use salesdash_engine::events::What;
use salesdash_engine::replay::Verified;
use salesdash_providers::Request;
use salesdash_store::attempts::Again;
use salesdash_store::deliveries::Verdict;
use salesdash_store::executions::Status;
use salesdash_value::{Value, json};

use crate::flows::{OPEN, WON, WON_LATER};
use crate::world::{MODELS, SPEC, World, value};

#[test]
fn a_locked_database_loses_nothing() {
    let world = World::new();
    world.store.database().limit_wait(1).unwrap();
    world.send(OPEN);
    let file = world.store.directory().join("salesdash.db");
    let other = rusqlite::Connection::open(file).unwrap();
    assert_eq!(world.post(WON).status, 202);
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let answer = world.post(WON_LATER);
    assert_eq!((answer.status, answer.retry_after_s), (503, Some(5)));
    assert!(answer.reason.unwrap().contains("locked by another program"));
    world.engine.drain();
    assert_eq!((world.statuses(), world.engine.queue().postponed), (vec!["succeeded", "waiting"], 1));
    other.execute_batch("ROLLBACK").unwrap();
    world.pass(60);
    world.engine.drain();
    assert_eq!(world.post(WON_LATER).status, 202);
    world.engine.drain();
    assert_eq!(world.statuses(), ["succeeded", "succeeded", "succeeded"]);
    world.ledger();
}

#[test]
fn a_full_disk_loses_nothing_and_work_goes_on_by_itself() {
    let world = World::new();
    for number in 0..20 {
        assert_eq!(world.post(&OPEN.replace("d1", &format!("d{number}"))).status, 202);
    }
    world.store.database().limit_pages(1).unwrap();
    let refused = (0..200).map(|number| world.post(&WON.replace("d1", &format!("e{number}")))).find(|answer| answer.status != 202);
    let refused = refused.expect("the disk is full at some time");
    assert_eq!(refused.status, 503);
    assert!(refused.reason.unwrap().contains("the disk is full"));
    world.engine.drain();
    world.store.database().limit_pages(1 << 30).unwrap();
    for _ in 0..3 {
        world.pass(60);
        world.engine.drain();
    }
    assert!(world.statuses().iter().all(|status| *status == "succeeded"));
    assert!(world.ledger().contains(" 0 waiting + 0 failed"));
}

#[test]
fn many_threads_execute_everything_once_and_in_order() {
    let world = World::new();
    let mut events = world.engine.listen();
    world.engine.start(4).unwrap();
    let url = world.url.clone();
    std::thread::scope(|threads| {
        for thread in 0..8 {
            let (engine, url) = (Arc::clone(&world.engine), url.clone());
            threads.spawn(move || {
                for version in 10..40 {
                    let body = WON
                        .replace("d1", &format!("d{thread}"))
                        .replace("2026-03-01T10:00:00Z", &format!("2026-03-01T10:00:{version}Z"))
                        .replace("1500.50", &version.to_string());
                    let request = Request { method: "POST", url: "https://x.example/", headers: &[], body: body.as_bytes() };
                    assert_eq!(engine.receive_now(&url, &request).status, 202);
                }
            });
        }
    });
    // Every execution is told of once it is committed.
    let mut ended = 0;
    let mut missed = 0;
    while ended + missed < 240 {
        match events.blocking_recv() {
            Ok(event) => ended += u64::from(matches!(event.what, What::Execution { status: Status::Succeeded, .. })),
            // What was missed holds deliveries too, so nothing can be counted from it: the queue tells.
            Err(_) => missed = if world.engine.queue().depth == 0 { 240 } else { 0 },
        }
    }
    world.engine.shutdown();
    assert_eq!(world.ledger(), "240 received = 240 executed + 0 duplicate + 0 stale + 0 rejected + 0 waiting + 0 failed");
    for thread in 0..8 {
        let sale = format!("sale deal|d{thread}: agent_external_identity=jo contract_value=39 ");
        assert!(world.records().contains(&sale), "{}", world.records());
    }
    assert_eq!(world.post(OPEN).status, 503);
}

#[test]
fn retention_takes_payloads_and_leaves_what_came_of_them() {
    let world = World::new();
    world.send(WON);
    let (before, first) = (world.records(), world.executions()[0].id);
    world.store.write(world.tenant, |scope| scope.update_tenant("Acme", r#"{"retention_days":30}"#)).unwrap();
    world.engine.changed(world.tenant);
    world.pass(20 * 86_400);
    world.send(WON_LATER);
    world.pass(20 * 86_400);
    let retained = world.engine.retain(world.tenant).unwrap();
    assert_eq!(retained.payloads, 1);
    assert_eq!(world.engine.retain(world.tenant).unwrap().payloads, 0);
    let gone = world.engine.trace(world.tenant, first, false).unwrap();
    assert_eq!((gone.verified, gone.execution.status), (Verified::PayloadGone, Status::Succeeded));
    assert!(!gone.spec.is_null());
    assert_eq!(world.engine.trace(world.tenant, world.executions()[1].id, false).unwrap().verified, Verified::Yes);
    assert_ne!(world.records(), before);
    assert!(world.records().contains("activity d1|2026-02-01T10:00:00Z"));
    // Running it again says what is missing, and takes nothing away.
    world.engine.run_again(world.tenant, &[first], &Again::newest("tests")).unwrap();
    world.engine.drain();
    assert_eq!(world.execution(Status::Succeeded).id, first, "it was overtaken, and stays as it is");
    world.ledger();
}

#[test]
fn fields_are_learnt_from_what_arrives_and_what_people_decide_wins() {
    let spec = SPEC.replace(r#""type": "deal", "var": "deal""#, r#""type": "lead", "var": "deal""#);
    let world = World::with(MODELS, &spec, "lead", "{}", "{}");
    world.send(OPEN);
    world.pass(2);
    world.engine.tick().unwrap();
    let model = world.store.read(world.tenant, |scope| scope.model("lead")).unwrap().unwrap();
    let declaration = value(&model.declaration);
    assert_eq!(declaration.at(&["fields", "status"]), Some(&Value::from("string")));
    let suggestions = world.engine.suggestions(world.tenant, "lead").unwrap();
    assert_eq!((suggestions.key.as_deref(), suggestions.version.as_deref()), (Some("id"), Some("updated")));
    // A person decides on the key; from then on a repetition is known.
    let revision = world.engine.edit_model(world.tenant, "lead", &value(r#"{"key":"id","version":"updated"}"#), Some(model.revision));
    assert_eq!(revision.unwrap(), model.revision + 1);
    let wrong = world.engine.edit_model(world.tenant, "lead", &value(r#"{"fields":{"id":"text"}}"#), None);
    assert!(wrong.unwrap_err().to_string().starts_with("E115"));
    world.send(OPEN);
    world.send(OPEN);
    world.send(WON);
    world.pass(2);
    world.engine.tick().unwrap();
    assert_eq!(world.ledger(), "4 received = 3 executed + 1 duplicate + 0 stale + 0 rejected + 0 waiting + 0 failed");
    let learnt = world.store.read(world.tenant, |scope| scope.model("lead")).unwrap().unwrap();
    let declaration = value(&learnt.declaration);
    assert_eq!(
        json::to_string(declaration.at(&["fields", "email"]).unwrap()),
        r#"{"type":"string","personal":"email","may_be_empty":true}"#
    );
    assert_eq!(declaration.get("key"), Some(&Value::from("id")));
}

#[test]
fn a_page_of_records_commits_with_what_belongs_to_it_or_not_at_all() {
    let world = World::new();
    let records = || vec![value(OPEN).into(), value(&OPEN.replace("d1", "d2")).into(), value(OPEN).into()];
    let failed = world.engine.take_records(world.tenant, world.source, records(), |_, _| {
        Err(salesdash_store::StoreError::Conflict("the cursor moved in the meantime".to_owned()))
    });
    assert!(failed.is_err());
    assert_eq!(world.statuses().len(), 0);
    let source = world.source;
    let taken = world
        .engine
        .take_records(world.tenant, source, records(), move |scope, taken| {
            scope.set_cursor(source, "live", &format!("after {}", taken.taken), "run 1")
        })
        .unwrap();
    assert_eq!((taken.records, taken.taken, taken.duplicate, taken.verdict), (3, 2, 1, Some(Verdict::Accepted)));
    let world = world.crashed();
    world.engine.drain();
    let cursor = world.store.read(world.tenant, |scope| scope.cursor(source, "live")).unwrap().unwrap();
    assert_eq!((cursor.value.as_str(), world.statuses()), ("after 2", vec!["succeeded", "succeeded"]));
    // The next page overlaps with this one.
    let again = world.engine.take_records(world.tenant, source, records(), |_, _| Ok(())).unwrap();
    assert_eq!((again.taken, again.duplicate, again.verdict), (0, 3, Some(Verdict::Duplicate)));
    world.ledger();
}
