//! What happened is worked out again, whatever has changed since.

use expect_test::expect;
use salesdash_engine::draft::{TestRecord, TestRequest};
use salesdash_engine::preview::PreviewRequest;
use salesdash_engine::replay::Verified;
use salesdash_store::executions::Status;
use salesdash_store::records::RecordFilter;
use salesdash_value::{IdentityKind, RecordKind, Value, json};

use crate::flows::{NO_AMOUNT, OPEN, WON, WON_LATER};
use crate::world::{SPEC, World, value};

/// A world in which much has happened: a success, an update over a locked field, a failure.
fn lived_in() -> World {
    let world = World::new();
    for body in [OPEN, WON, WON_LATER, NO_AMOUNT] {
        world.send(body);
        world.pass(60);
    }
    world
}

fn all_verified(world: &World) {
    for execution in world.executions() {
        let replayed = world.engine.trace(world.tenant, execution.id, false).unwrap();
        assert_eq!(replayed.verified, Verified::Yes, "{execution:?}");
        assert_eq!(replayed.tree.get("status").and_then(Value::as_text), Some(execution.status.name()));
    }
}

/// What a replay shows of what was written, without the ids.
fn shown(effects: &Value) -> String {
    let mut out = String::new();
    for effect in effects.as_list().unwrap() {
        let text = |value: &Value, name: &str| value.get(name).map(json::to_string).unwrap_or_default();
        let outcome = effect.get("outcome").unwrap();
        out.push_str(&format!("{} {} {}", text(effect, "operation"), text(effect, "external_id"), text(outcome, "verdict")));
        for changed in outcome.get("changed").and_then(Value::as_list).unwrap() {
            if changed.get("from").is_some() {
                out.push_str(&format!(" {}: {} -> {}", text(changed, "field"), text(changed, "from"), text(changed, "to")));
            }
        }
        if outcome.get("kept").is_some_and(|kept| !kept.is_empty()) {
            out.push_str(&format!(" kept {}", text(outcome, "kept")));
        }
        out.push('\n');
    }
    out
}

#[test]
fn a_replay_shows_what_became_of_each_write() {
    let world = lived_in();
    all_verified(&world);
    let third = world.executions()[2].id;
    let replayed = world.engine.trace(world.tenant, third, false).unwrap();
    expect![[r#"
        "upsert_agent_external_identity" "jo" "found"
        "upsert_proposition_external_identity" "panel" "found"
        "upsert_sale" "deal|d1" "updated" "contract_value": "1500.5" -> "1600" kept ["moment"]
        "lock_record_field"  "found"
    "#]]
    .assert_eq(&shown(&replayed.effects));
    assert_eq!(replayed.record.get("email"), Some(&Value::from("•••")));
    let revealed = world.engine.trace(world.tenant, third, true).unwrap();
    assert_eq!(revealed.record.get("email"), Some(&Value::from("a@b.example")));
    assert_eq!((replayed.processor, replayed.source), (world.processor, world.source));
    assert_eq!(json::to_string(&replayed.constants), r#"{"prefix":"deal"}"#);
    assert!(!json::to_string(&replayed.tree).contains("a@b.example"));
    // How long each instruction took in this evaluation is told; nothing else depends on the clock.
    let instructions = replayed.tree.get("instructions").and_then(Value::as_list).unwrap();
    assert!(instructions.iter().all(|instruction| instruction.get("time_ns").and_then(Value::as_number).is_some()));
}

#[test]
fn a_replay_holds_whatever_has_changed_since() {
    let world = lived_in();
    let before = world.engine.trace(world.tenant, world.executions()[2].id, true).unwrap();
    // A restart after a crash; another spec; other constants; another model; another time zone; a linked identity; and the link is gone.
    let world = world.crashed();
    world.save_spec(&SPEC.replace("\"Visit\"", "\"Visited\""));
    let (link, processor) = (world.link, world.processor);
    world
        .store
        .write(world.tenant, move |scope| {
            scope.save_model("deal", r#"{"key":"id","fields":{"id":"string","amount":"number"}}"#, "{}", None, None)?;
            scope.update_tenant("Acme", r#"{"timezone":"Asia/Tokyo","projects":true}"#)?;
            scope.update_link(link, true, Some(r#"{"prefix":"other"}"#))?;
            let entity = scope.create_entity(IdentityKind::Agent, "Jo", None)?;
            let identity =
                scope.identities(IdentityKind::Agent, salesdash_store::records::Linked::No, salesdash_store::Paging::default())?;
            scope.link_identity(identity.items[0].row.id, Some(entity.id), false)?;
            scope.delete_link(link)?;
            scope.delete_processor(processor)
        })
        .unwrap();
    world.engine.changed(world.tenant);
    all_verified(&world);
    let after = world.engine.trace(world.tenant, world.executions()[2].id, true).unwrap();
    assert_eq!(json::to_string(&untimed(&after.tree)), json::to_string(&untimed(&before.tree)));
    assert_eq!(json::to_string(&after.effects), json::to_string(&before.effects));
    assert_eq!(json::to_string(&after.spec), json::to_string(&before.spec));
}

/// A tree without what no two evaluations have in common: how long each instruction took.
fn untimed(tree: &Value) -> Value {
    match tree {
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(name, _)| name != "time_ns");
            Value::Object(fields.map(|(name, value)| (name.clone(), untimed(value))).collect())
        }
        Value::List(items) => Value::list(items.iter().map(untimed)),
        other => other.clone(),
    }
}

#[test]
fn a_try_shows_what_would_be_written_and_writes_nothing() {
    let world = lived_in();
    let before = world.records();
    let model = world.executions()[3].source_model;
    let mended = SPEC.replace(
        r#""contract_value": {"type": "parse_number", "value": {"type": "var", "var": "deal.amount"}}"#,
        r#""contract_value": {"type": "literal", "value": 5}"#,
    );
    let request = TestRequest {
        spec: value(&mended),
        record: TestRecord::Stored(model),
        constants: Value::Null,
        provider: None,
        at: None,
        reveal: false,
        fresh: false,
    };
    let tested = world.engine.test(world.tenant, &request).unwrap();
    assert_eq!(tested.status, "succeeded");
    expect![[r#"
        "upsert_agent_external_identity" "an" "created"
        "upsert_proposition_external_identity" "panel" "found"
        "upsert_sale" "deal|d2" "created"
        "lock_record_field"  "locked"
    "#]]
    .assert_eq(&shown(&tested.effects));
    let given = TestRequest { record: TestRecord::Given(value(OPEN)), spec: value(SPEC), ..request };
    assert_eq!(world.engine.test(world.tenant, &given).unwrap().status, "succeeded");
    // A draft with an error in it runs as far as it goes, and says what is wrong.
    let broken = TestRequest { spec: value(&SPEC.replace("deal.owner", "deal.ower")), ..given };
    let tested = world.engine.test(world.tenant, &broken).unwrap();
    let codes: Vec<_> = tested.diagnostics.iter().map(|diagnostic| diagnostic.code.code).collect();
    assert_eq!((tested.status, codes.contains(&"E203")), ("failed", true), "{codes:?}");
    assert_eq!(world.records(), before);
}

fn preview(world: &World, spec: &str) -> String {
    let request =
        PreviewRequest { spec: value(spec), processor: world.processor, link: None, records: 1000, from: None, to: None, reveal: false };
    let impact = world.engine.preview(world.tenant, &request, &mut |_| true).unwrap();
    let mut out = format!(
        "{} records: {:?} -> {:?}; {} appear, {} change, {} vanish, {} same\n",
        impact.records, impact.statuses_before, impact.statuses, impact.appear, impact.change, impact.vanish, impact.same
    );
    for affected in &impact.listed {
        out.push_str(&format!("{} {} {}", affected.what, affected.kind, affected.external_id));
        if affected.what == "changes" {
            for (field, now, then) in &affected.fields {
                out.push_str(&format!(" {field}: {} -> {}", json::to_string(now), json::to_string(then)));
            }
        }
        out.push('\n');
    }
    out
}

#[test]
fn a_preview_lists_what_would_appear_change_and_vanish() {
    let world = lived_in();
    let before = world.records();
    expect![[r#"
        4 records: [3, 0, 0, 1] -> [3, 0, 0, 1]; 0 appear, 0 change, 0 vanish, 5 same
    "#]]
    .assert_eq(&preview(&world, SPEC));
    expect![[r#"
        4 records: [3, 0, 0, 1] -> [3, 0, 0, 1]; 0 appear, 2 change, 0 vanish, 3 same
        changes activity d1|2026-02-01T10:00:00Z activity_type: "Visit" -> "Visited"
        changes activity d1|2026-02-03T10:00:00Z activity_type: "Visit" -> "Visited"
    "#]]
    .assert_eq(&preview(&world, &SPEC.replace("\"Visit\"", "\"Visited\"")));
    let other_prefix = SPEC.replace(r#""default": "deal""#, r#""default": "sale""#);
    expect![[r#"
        4 records: [3, 0, 0, 1] -> [3, 0, 0, 1]; 1 appear, 0 change, 1 vanish, 4 same
        appears sale sale|d1
        vanishes sale deal|d1
    "#]]
    .assert_eq(&preview(&world, &other_prefix));
    assert_eq!(world.records(), before);
}

#[test]
fn coverage_tells_what_never_ran_and_what_was_always_empty() {
    let world = lived_in();
    let coverage = world.engine.coverage(world.tenant, world.processor, 100).unwrap();
    let mut out = format!("{} executions of version {}\n", coverage.executions, coverage.version);
    for instruction in &coverage.instructions {
        out.push_str(&format!("{}: {} ran, {} failed, in {}", instruction.id, instruction.ran, instruction.failed, instruction.executions));
        for (branch, count) in &instruction.branches {
            out.push_str(&format!(", {branch} {count}"));
        }
        out.push('\n');
    }
    for expression in coverage.expressions.iter().filter(|expression| expression.empty > 0 && expression.empty == expression.evaluated) {
        out.push_str(&format!("always empty: {}\n", expression.pointer));
    }
    expect![[r#"
        4 executions of version 1
        owner: 4 ran, 0 failed, in 4
        product: 4 ran, 0 failed, in 4
        if-won: 3 ran, 1 failed, in 4, then 3
        sale: 2 ran, 1 failed, in 3
        lock: 2 ran, 0 failed, in 2
        visits: 3 ran, 0 failed, in 3, body 2
        visited: 2 ran, 0 failed, in 1
    "#]]
    .assert_eq(&out);
    assert_eq!(world.execution(Status::Failed).code.as_deref(), Some("E202"));
}

#[test]
fn a_record_leads_back_to_everything_that_wrote_it() {
    let world = World::new();
    // A second source of the same provider writes the same sale, from records of other keys.
    let (processor, source) = (world.processor, world.source);
    let url = world
        .store
        .write(world.tenant, move |scope| {
            let provider = scope.source(source)?.provider;
            let (other, url) = scope.create_source(provider, "webhook", "Orders", "deal", "{}", None)?;
            scope.create_link(other.id, processor, "{}")?;
            Ok(url)
        })
        .unwrap();
    world.engine.changed(world.tenant);
    let send = |url: &str, body: &str| {
        let address = format!("https://salesdash.example/hooks/{url}");
        let headers: &[(&str, &[u8])] = &[("content-type", b"application/json")];
        let request = salesdash_providers::Request { method: "POST", url: &address, headers, body: body.as_bytes() };
        assert_eq!(world.engine.receive_now(url, &request).status, 202);
        world.engine.drain();
        world.pass(60);
    };
    send(&world.url, WON);
    send(&url, &WON.replace("1500.50", "1700"));
    send(&world.url, WON_LATER);
    // It changes nothing, and so wrote nothing.
    send(&url, &WON.replace("1500.50", "1600").replace("2026-03-01T10", "2026-03-04T10"));
    let sale =
        world.store.read(world.tenant, |scope| scope.records(RecordKind::Sale, &RecordFilter::default(), None, 1)).unwrap().items.remove(0);
    let all: Vec<i64> = world.executions().iter().map(|execution| execution.id).collect();
    let writers = |world: &World| -> Vec<i64> {
        world.engine.writers(world.tenant, sale.row.id, 100).unwrap().iter().rev().map(|execution| execution.id).collect()
    };
    assert_eq!(writers(&world), all[..3]);
    assert_eq!(world.engine.writers(world.tenant, sale.row.id, 2).unwrap().len(), 2);
    // Each of them changed no other record of the kind, so it is known without the payloads too.
    world.store.write(world.tenant, |scope| scope.update_tenant("Acme", r#"{"retention_days":1}"#)).unwrap();
    world.engine.changed(world.tenant);
    world.pass(10 * 86_400);
    assert!(world.engine.retain(world.tenant).unwrap().payloads > 0);
    assert_eq!(writers(&world), all[..3]);
    assert!(world.engine.writers(world.tenant, salesdash_value::Id([7; 16]), 100).is_err());
}
