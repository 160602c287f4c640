//! Whole ways: deliveries in, records out.

use expect_test::{Expect, expect};
use salesdash_store::attempts::Again;
use salesdash_store::executions::{Filter, Status};

use crate::world::{MODELS, SPEC, World};

pub const WON: &str = r#"{"id":"d1","updated":"2026-03-01T10:00:00Z","status":"won","owner":"jo","amount":"1500.50","email":"a@b.example","won_at":"2026-03-01T09:30:00Z","visits":["2026-02-01T10:00:00Z","2026-02-03T10:00:00Z"]}"#;
pub const OPEN: &str = r#"{"id":"d1","updated":"2026-03-01T09:00:00Z","status":"open","owner":"jo"}"#;
pub const WON_LATER: &str = r#"{"id":"d1","updated":"2026-03-02T10:00:00Z","status":"won","owner":"jo","amount":"1600","email":"a@b.example","won_at":"2026-03-02T09:30:00Z"}"#;
pub const NO_AMOUNT: &str = r#"{"id":"d2","updated":"2026-03-01T10:00:00Z","status":"won","owner":"an","won_at":"2026-03-01T09:30:00Z"}"#;

/// Sends deliveries one after the other, and shows what was answered, executed, counted and written.
fn check(bodies: &[&str], expected: Expect) {
    check_in(&World::new(), bodies, expected);
}

fn check_in(world: &World, bodies: &[&str], expected: Expect) {
    world.engine.drain();
    let mut answers = Vec::new();
    for body in bodies {
        answers.push(world.post(body).status.to_string());
        world.engine.drain();
        world.pass(60);
    }
    expected.assert_eq(&format!("{}\n{}\n{}\n{}\n", answers.join(" "), world.statuses().join(" "), world.ledger(), world.records()));
}

#[test]
fn a_won_deal_becomes_a_sale() {
    check(
        &[WON],
        expect![[r#"
        202
        succeeded
        1 received = 1 executed + 0 duplicate + 0 stale + 0 rejected + 0 waiting + 0 failed
        activity d1|2026-02-01T10:00:00Z: activity_type=Visit agent_external_identity=jo moment=2026-02-01T10:00:00Z
        activity d1|2026-02-03T10:00:00Z: activity_type=Visit agent_external_identity=jo moment=2026-02-03T10:00:00Z
        agent_external_identity jo: external_name=jo
        proposition_external_identity panel: external_name=panel
        sale deal|d1: agent_external_identity=jo contract_value=1500.5 moment!=2026-03-01T09:30:00Z proposition_external_identity=panel status=accepted
    "#]],
    );
}

#[test]
fn a_constant_that_the_spec_declares_no_longer_breaks_no_link_and_counts_again_once_it_does() {
    let world = World::new();
    let link = world.link;
    let constants = r#"{"prefix":"mine","country":"NL"}"#;
    world.store.write(world.tenant, move |scope| scope.update_link(link, true, Some(constants))).unwrap();
    world.engine.changed(world.tenant);
    world.send(WON);
    assert!(world.records().contains("sale mine|d1"), "{}", world.records());
    // Renamed in the spec: the value of the old name waits for a version that has it again.
    world.save_spec(&SPEC.replace(r#""name": "prefix""#, r#""name": "start""#).replace(r#""var": "prefix""#, r#""var": "start""#));
    world.send(&WON.replace("d1", "d2"));
    world.save_spec(SPEC);
    world.send(&WON.replace("d1", "d3"));
    let records = world.records();
    assert!(records.contains("sale deal|d2") && records.contains("sale mine|d3"), "{records}");
    assert_eq!(world.statuses(), ["succeeded"; 3]);
}

#[test]
fn a_later_state_updates_and_a_locked_field_stays() {
    check(
        &[OPEN, WON, WON_LATER],
        expect![[r#"
        202 202 202
        succeeded succeeded succeeded
        3 received = 3 executed + 0 duplicate + 0 stale + 0 rejected + 0 waiting + 0 failed
        activity d1|2026-02-01T10:00:00Z: activity_type=Visit agent_external_identity=jo moment=2026-02-01T10:00:00Z
        activity d1|2026-02-03T10:00:00Z: activity_type=Visit agent_external_identity=jo moment=2026-02-03T10:00:00Z
        agent_external_identity jo: external_name=jo
        proposition_external_identity panel: external_name=panel
        sale deal|d1: agent_external_identity=jo contract_value=1600 moment!=2026-03-01T09:30:00Z proposition_external_identity=panel status=accepted
    "#]],
    );
}

#[test]
fn what_was_seen_before_and_what_is_late_writes_nothing() {
    check(
        &[WON, WON, OPEN, WON_LATER, WON],
        expect![[r#"
        202 202 202 202 202
        succeeded succeeded
        5 received = 2 executed + 1 duplicate + 2 stale + 0 rejected + 0 waiting + 0 failed
        activity d1|2026-02-01T10:00:00Z: activity_type=Visit agent_external_identity=jo moment=2026-02-01T10:00:00Z
        activity d1|2026-02-03T10:00:00Z: activity_type=Visit agent_external_identity=jo moment=2026-02-03T10:00:00Z
        agent_external_identity jo: external_name=jo
        proposition_external_identity panel: external_name=panel
        sale deal|d1: agent_external_identity=jo contract_value=1600 moment!=2026-03-01T09:30:00Z proposition_external_identity=panel status=accepted
    "#]],
    );
}

#[test]
fn a_failed_execution_writes_nothing_and_can_be_run_again() {
    let world = World::new();
    check_in(
        &world,
        &[NO_AMOUNT],
        expect![[r#"
        202
        failed
        1 received = 0 executed + 0 duplicate + 0 stale + 0 rejected + 0 waiting + 1 failed

    "#]],
    );
    let failed = world.execution(Status::Failed);
    expect![[r#"
        (
            Some(
                "E202",
            ),
            Some(
                "sale",
            ),
            Some(
                "`deal.amount` is empty, and `value` of `parse_number` needs a value",
            ),
        )
    "#]]
    .assert_debug_eq(&(failed.code, failed.instruction, failed.message));
    // The spec is mended, and everything that failed runs again.
    world.save_spec(&SPEC.replace(
        r#""contract_value": {"type": "parse_number", "value": {"type": "var", "var": "deal.amount"}}"#,
        r#""contract_value": {"type": "parse_number", "value": {"type": "coalesce", "arguments": [{"type": "var", "var": "deal.amount"}, {"type": "literal", "value": "0"}]}}"#,
    ));
    let failures = Filter { status: Some(Status::Failed), ..Filter::default() };
    assert_eq!(world.engine.count_matching(world.tenant, &failures).unwrap(), 1);
    assert_eq!(world.engine.retry_matching(world.tenant, &failures, &Again::newest("tests")).unwrap(), 1);
    check_in(
        &world,
        &[],
        expect![[r#"

        succeeded
        1 received = 1 executed + 0 duplicate + 0 stale + 0 rejected + 0 waiting + 0 failed
        agent_external_identity an: external_name=an
        proposition_external_identity panel: external_name=panel
        sale deal|d2: agent_external_identity=an contract_value=0 moment!=2026-03-01T09:30:00Z proposition_external_identity=panel status=accepted
    "#]],
    );
}

#[test]
fn a_late_retry_of_what_was_overtaken_is_stale() {
    let world = World::new();
    let no_amount = WON.replace(r#""1500.50""#, "null");
    world.send(&no_amount);
    world.send(WON_LATER);
    let failed = world.execution(Status::Failed).id;
    let retried = world.engine.run_again(world.tenant, &[failed, 77], &Again::newest("tests")).unwrap();
    assert_eq!((retried.waiting, retried.left), (vec![failed], vec![(77, "missing")]));
    check_in(
        &world,
        &[],
        expect![[r#"

        stale succeeded
        2 received = 1 executed + 0 duplicate + 1 stale + 0 rejected + 0 waiting + 0 failed
        agent_external_identity jo: external_name=jo
        proposition_external_identity panel: external_name=panel
        sale deal|d1: agent_external_identity=jo contract_value=1600 moment!=2026-03-02T09:30:00Z proposition_external_identity=panel status=accepted
    "#]],
    );
    assert_eq!(world.engine.run_again(world.tenant, &[failed], &Again::newest("tests")).unwrap().left, [(failed, "stale")]);
}

#[test]
fn an_execution_runs_again_with_the_version_that_it_ran_with_also_after_a_crash() {
    let world = World::new();
    world.send(WON);
    let (id, first) = (world.executions()[0].id, world.records());
    world.save_spec(&SPEC.replace(
        r#""contract_value": {"type": "parse_number", "value": {"type": "var", "var": "deal.amount"}}"#,
        r#""contract_value": {"type": "literal", "value": 7}"#,
    ));
    world.engine.run_again(world.tenant, &[id], &Again::newest("tests")).unwrap();
    world.engine.drain();
    assert_eq!(world.executions()[0].version, 2);
    assert!(world.records().contains("contract_value=7"), "{}", world.records());
    // As it ran: version 2 now, although a third has been saved; and that is still so after a crash.
    world.save_spec(SPEC);
    assert_eq!(
        world.engine.run_again(world.tenant, &[id], &Again { pinned: true, fresh: false, ..Again::newest("tests") }).unwrap().waiting,
        [id]
    );
    let world = world.crashed();
    world.engine.drain();
    assert_eq!((world.executions()[0].version, world.statuses()), (2, vec!["succeeded"]));
    assert!(world.records().contains("contract_value=7"), "{}", world.records());
    assert_eq!(world.engine.trace(world.tenant, id, true).unwrap().verified, salesdash_engine::replay::Verified::Yes);
    // And with the newest again.
    world.engine.run_again(world.tenant, &[id], &Again::newest("tests")).unwrap();
    world.engine.drain();
    assert_eq!((world.executions()[0].version, world.records()), (3, first));
    world.ledger();
}

#[test]
fn what_an_execution_came_to_before_it_ran_again_stays_and_is_replayed() {
    let world = World::new();
    world.save_spec(&SPEC.replace("upsert_sale", "upsert_nothing"));
    world.send(WON);
    let id = world.executions()[0].id;
    let attempts = || {
        world.store.read(world.tenant, |scope| {
            let execution = scope.execution(id)?;
            scope.attempts(&execution)
        })
    };
    assert!(attempts().unwrap().is_empty(), "what ran once keeps nothing besides");
    world.save_spec(SPEC);
    world.engine.run_again(world.tenant, &[id], &Again::newest("Ada")).unwrap();
    world.engine.drain();
    world.save_spec(&SPEC.replace("status", "state"));
    world.engine.run_again(world.tenant, &[id], &Again { pinned: true, ..Again::newest("Bo") }).unwrap();
    world.engine.drain();
    let told: Vec<_> = attempts()
        .unwrap()
        .into_iter()
        .map(|attempt| (attempt.execution.status, attempt.execution.version, attempt.next.by, attempt.next.pinned))
        .collect();
    assert_eq!(told, [(Status::Succeeded, 3, "Bo".to_owned(), true), (Status::Failed, 0, "Ada".to_owned(), false)]);
    // Each is worked out again as it was; one that never ran as what it would come to.
    let attempts = attempts().unwrap();
    let verified = |attempt: i64| world.engine.trace_of(world.tenant, id, Some(attempt), true).unwrap().verified;
    assert_eq!(verified(attempts[0].id), salesdash_engine::replay::Verified::Yes);
    assert_eq!(verified(attempts[1].id), salesdash_engine::replay::Verified::NotEvaluated);
    assert!(world.engine.trace_of(world.tenant, id, Some(7), true).is_err());
    world.ledger();
}

#[test]
fn of_many_attempts_the_newest_are_kept() {
    let world = World::new();
    world.send(WON);
    let id = world.executions()[0].id;
    for number in 0..salesdash_store::attempts::MAX_ATTEMPTS + 3 {
        world.engine.run_again(world.tenant, &[id], &Again::newest(number.to_string())).unwrap();
        world.engine.drain();
    }
    let attempts = world.store.read(world.tenant, |scope| {
        let execution = scope.execution(id)?;
        scope.attempts(&execution)
    });
    let attempts = attempts.unwrap();
    assert_eq!(attempts.len() as i64, salesdash_store::attempts::MAX_ATTEMPTS);
    assert_eq!((attempts[0].next.by.as_str(), attempts.last().unwrap().next.by.as_str()), ("52", "3"));
}

#[test]
fn what_never_ran_with_a_version_cannot_run_with_it_again() {
    let world = World::new();
    world.save_spec(&SPEC.replace("upsert_sale", "upsert_nothing"));
    world.send(WON);
    let failed = world.execution(Status::Failed).id;
    assert_eq!(
        world.engine.run_again(world.tenant, &[failed], &Again { pinned: true, fresh: false, ..Again::newest("tests") }).unwrap().left,
        [(failed, "unversioned")]
    );
    assert_eq!(world.statuses(), ["failed"]);
}

#[test]
fn executions_are_found_by_what_their_record_holds() {
    use salesdash_engine::find::Needle;
    use salesdash_store::Paging;
    let world = World::new();
    world.send(OPEN);
    world.send(WON);
    let find = |field: Option<&str>, value: &str, paging: Paging| {
        let needle = Needle::new(field, value);
        world.engine.find_executions(world.tenant, &Filter::default(), paging, &needle, false)
    };
    let all = Paging::default();
    let found = find(Some("status"), "WON", all).unwrap();
    assert_eq!((found.items.len(), found.examined, found.next), (1, 2, None));
    assert_eq!(find(None, "nowhere", all).unwrap().items.len(), 0);
    // A page says where to go on.
    let page = find(None, "*", Paging { limit: 1, ..all }).unwrap();
    assert_eq!((page.items.len(), page.examined), (1, 1));
    let next = find(None, "*", Paging { limit: 1, before: page.next.unwrap() }).unwrap();
    assert_ne!(next.items[0].id, page.items[0].id);
}

#[test]
fn bodies_are_taken_apart_and_what_cannot_be_read_is_refused() {
    let settings = r#"{"body": {"records_at": "deals"}, "limits": {"records": 2}}"#;
    let world = World::with(MODELS, SPEC, "deal", settings, "{}");
    let two = format!(r#"{{"deals":[{OPEN},{}]}}"#, OPEN.replace("d1", "d3"));
    let three = format!(r#"{{"deals":[{OPEN},{OPEN},{OPEN}]}}"#);
    check_in(
        &world,
        &[&two, &three, "nonsense", r#"{"deals":[]}"#, r#"{"other":1}"#, &two],
        expect![[r#"
        202 413 400 202 400 202
        succeeded succeeded
        7 received = 2 executed + 2 duplicate + 0 stale + 3 rejected + 0 waiting + 0 failed
        agent_external_identity jo: external_name=jo
        proposition_external_identity panel: external_name=panel
    "#]],
    );
    let paging = salesdash_store::Paging::default();
    let deliveries = world.store.read(world.tenant, |scope| scope.deliveries(Some(world.source), None, paging)).unwrap().items;
    let shown: Vec<_> = deliveries
        .iter()
        .map(|delivery| format!("{} {} {}", delivery.verdict.name(), delivery.records, delivery.reason.clone().unwrap_or_default()))
        .collect();
    expect![[r#"
        duplicate 2 
        rejected 0 The body has nothing at `deals`, where this source looks for its records. Change the path, or have the sender send it.
        accepted 0 
        rejected 0 The body is not JSON: expected ident at line 1, column 2.
        rejected 0 The body holds more than 2 records, the most that one delivery may hold.
        accepted 2 "#]]
    .assert_eq(&shown.join("\n"));
}

#[test]
fn the_sender_is_verified() {
    let world = World::with(MODELS, SPEC, "deal", r#"{"verification": "bearer"}"#, r#"{"secret": ["new", "old"]}"#);
    let status = |headers: &[(&str, &[u8])]| world.request("POST", headers, OPEN.as_bytes()).status;
    assert_eq!(status(&[]), 401);
    assert_eq!(status(&[("authorization", b"Bearer wrong")]), 401);
    assert_eq!(status(&[("authorization", b"Bearer old")]), 202);
    assert_eq!(status(&[("authorization", b"Bearer new")]), 202);
    world.engine.drain();
    assert_eq!(world.ledger(), "4 received = 1 executed + 1 duplicate + 0 stale + 2 rejected + 0 waiting + 0 failed");
    let unknown = salesdash_providers::Request { method: "POST", url: "https://x.example/", headers: &[], body: b"{}" };
    assert_eq!(world.engine.receive_now("unknown", &unknown).status, 404);
    assert_eq!(world.request("GET", &[], b"").status, 405);
}

#[test]
fn event_ids_are_known_again_and_handshakes_are_answered() {
    let settings = r#"{"event_id": {"header": "x-id"}, "handshakes": [{"challenge": {"body": "challenge"}, "alone": true, "answer": {"json": "challenge"}}]}"#;
    let world = World::with(MODELS, SPEC, "deal", settings, "{}");
    let send = |id: &str, body: &str| world.request("POST", &[("x-id", id.as_bytes())], body.as_bytes());
    assert_eq!(send("1", r#"{"challenge":"abc"}"#).body, r#"{"challenge":"abc"}"#);
    assert!(send("1", OPEN).body.contains(r#""verdict":"accepted""#));
    assert!(send("1", WON).body.contains(r#""verdict":"duplicate""#));
    assert!(send("2", WON).body.contains(r#""verdict":"accepted""#));
    world.engine.drain();
    assert_eq!(world.ledger(), "3 received = 2 executed + 1 duplicate + 0 stale + 0 rejected + 0 waiting + 0 failed");
}

#[test]
fn too_many_at_once_are_told_when_to_come_back() {
    let world = World::with(MODELS, SPEC, "deal", r#"{"limits": {"rate_per_second": 2, "bytes": 500}}"#, "{}");
    let statuses: Vec<u16> = (0..6).map(|_| world.post(OPEN).status).collect();
    assert_eq!(statuses, [202, 202, 202, 202, 429, 429]);
    assert_eq!(world.post(OPEN).retry_after_s, Some(1));
    world.pass(1);
    assert_eq!(world.post(&format!(r#"{{"id":"{}"}}"#, "x".repeat(500))).status, 413);
}

#[test]
fn a_source_that_is_paused_takes_everything_and_runs_it_later() {
    let world = World::new();
    let set = |enabled: bool| {
        let source = world.source;
        world.store.write(world.tenant, move |scope| scope.update_source(source, "Deals", "{}", enabled, None)).unwrap();
        world.engine.changed(world.tenant);
    };
    set(false);
    check_in(
        &world,
        &[OPEN, WON],
        expect![[r#"
        202 202
        waiting waiting
        2 received = 0 executed + 0 duplicate + 0 stale + 0 rejected + 2 waiting + 0 failed

    "#]],
    );
    assert_eq!(world.engine.queue().held, 2);
    set(true);
    check_in(
        &world,
        &[],
        expect![[r#"

        succeeded succeeded
        2 received = 2 executed + 0 duplicate + 0 stale + 0 rejected + 0 waiting + 0 failed
        activity d1|2026-02-01T10:00:00Z: activity_type=Visit agent_external_identity=jo moment=2026-02-01T10:00:00Z
        activity d1|2026-02-03T10:00:00Z: activity_type=Visit agent_external_identity=jo moment=2026-02-03T10:00:00Z
        agent_external_identity jo: external_name=jo
        proposition_external_identity panel: external_name=panel
        sale deal|d1: agent_external_identity=jo contract_value=1500.5 moment!=2026-03-01T09:30:00Z proposition_external_identity=panel status=accepted
    "#]],
    );
}

#[test]
fn what_waits_for_a_link_that_is_switched_off_waits_and_for_one_that_is_gone_ends() {
    let world = World::new();
    assert_eq!(world.post(OPEN).status, 202);
    let link = world.link;
    let change = |work: fn(&mut salesdash_store::Scope<'_>, i64) -> salesdash_store::Result<()>| {
        world.store.write(world.tenant, move |scope| work(scope, link)).unwrap();
        world.engine.changed(world.tenant);
        world.engine.drain();
    };
    change(|scope, link| scope.update_link(link, false, None).map(|_| ()));
    assert_eq!(world.statuses(), ["waiting"]);
    // What arrives while it is off is not its business.
    world.send(WON);
    assert_eq!(world.statuses(), ["waiting"]);
    change(|scope, link| scope.delete_link(link));
    assert_eq!(world.statuses(), ["skipped"]);
    assert_eq!(world.executions()[0].message.as_deref(), Some("the link was removed before this ran"));
    assert_eq!(world.engine.processor_of(world.tenant, &world.executions()[0]).unwrap(), None);
    assert_eq!(world.ledger(), "2 received = 2 executed + 0 duplicate + 0 stale + 0 rejected + 0 waiting + 0 failed");
    // A processor without a spec takes what arrives, and runs it once it has one.
    let source = world.source;
    let new = world.store.write(world.tenant, move |scope| {
        let processor = scope.create_processor("New", "deal")?.id;
        scope.create_link(source, processor, "{}")?;
        Ok(processor)
    });
    let new = new.unwrap();
    world.engine.changed(world.tenant);
    world.send(WON_LATER);
    assert_eq!(world.statuses(), ["skipped", "waiting"]);
    world.store.write(world.tenant, move |scope| scope.save_version(new, 0, "test", None, SPEC)).unwrap();
    world.engine.changed(world.tenant);
    world.engine.drain();
    assert_eq!(world.statuses(), ["skipped", "succeeded"]);
    world.ledger();
}

#[test]
fn an_identity_is_seen_whenever_something_names_it_to_within_an_hour() {
    let world = World::new();
    let agent = |world: &World| {
        let page = world.store.read(world.tenant, |scope| {
            scope.identities(
                salesdash_value::IdentityKind::Agent,
                salesdash_store::records::Linked::Any,
                salesdash_store::Paging::default(),
            )
        });
        page.unwrap().items.remove(0)
    };
    world.send(WON);
    let first = agent(&world);
    world.pass(1800);
    world.send(&OPEN.replace("d1", "d3"));
    assert_eq!(agent(&world).seen, first.seen, "it was seen half an hour ago");
    world.pass(7200);
    world.send(&OPEN.replace("d1", "d4"));
    let later = agent(&world);
    assert_eq!((later.seen, later.seen - first.created > 8_000_000_000), (world.store.now(), true));
    assert_eq!(later.row.execution, first.row.execution, "nothing of it changed");
}
