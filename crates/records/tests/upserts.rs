//! The rules of upserts, locks and follow-ups, one by one.

mod support;

use salesdash_language::effect::{Effect, StateReader};
use salesdash_language::identity::Subject;
use salesdash_records::{Change, MemoryRows, Outcome, Overlay, Row, Verdict, apply, undo};
use salesdash_value::{IdentityKind, RecordKind, Value};
use support::*;

fn run(rows: &mut MemoryRows, effects: &[Effect]) -> Vec<Outcome> {
    apply(effects, 1, rows).unwrap()
}

/// What became of each effect: the verdict, the changed fields, the kept fields.
fn told(outcomes: &[Outcome]) -> Vec<String> {
    outcomes
        .iter()
        .map(|outcome| {
            let changed: Vec<_> = outcome.changed_fields().map(ToString::to_string).collect();
            let mut told = outcome.verdict.name().to_owned();
            if !changed.is_empty() {
                told += &format!(" {}", changed.join("+"));
            }
            if !outcome.kept.is_empty() {
                told += &format!(" kept {}", outcome.kept.join("+"));
            }
            told
        })
        .collect()
}

fn sale(rows: &MemoryRows) -> &Row {
    rows.get(id_of(Subject::Record(RecordKind::Sale), "s")).unwrap()
}

fn a_sale(fields: Vec<(&'static str, Value)>) -> Effect {
    let mut all = vec![
        ("agent_external_identity", agent("u1")),
        ("proposition_external_identity", identity(IdentityKind::Proposition, "p1")),
        ("moment", at("2026-03-01T09:30:00Z").into()),
    ];
    all.retain(|(name, _)| !fields.iter().any(|(given, _)| given == name));
    all.extend(fields);
    record(RecordKind::Sale, "s", all)
}

#[test]
fn created_then_found_then_updated() {
    let mut rows = MemoryRows::new();
    assert_eq!(told(&run(&mut rows, &[a_sale(vec![])])), ["created"]);
    assert_eq!(told(&run(&mut rows, &[a_sale(vec![])])), ["found"]);
    let changed = run(&mut rows, &[a_sale(vec![("agent_external_identity", agent("u2")), ("contract_value", 1500.into())])]);
    assert_eq!(told(&changed), ["updated agent_external_identity+contract_value"]);
    let Change::Updated(before) = &changed[0].touched[0].change else { panic!("an update") };
    assert_eq!(before.fields[0].1, agent("u1"));
    assert_eq!(before.fields[1].1, Value::Null);
}

#[test]
fn what_is_left_out_stays_and_null_clears() {
    let mut rows = MemoryRows::new();
    run(&mut rows, &[a_sale(vec![("net_value", 10.into()), ("commission", 1.into())])]);
    assert_eq!(told(&run(&mut rows, &[a_sale(vec![("commission", Value::Null)])])), ["updated commission"]);
    assert_eq!(sale(&rows).field("net_value"), &Value::from(10));
    assert_eq!(sale(&rows).field("commission"), &Value::Null);
}

#[test]
fn a_sale_is_accepted_unless_said_otherwise() {
    let mut rows = MemoryRows::new();
    run(&mut rows, &[a_sale(vec![])]);
    assert_eq!(sale(&rows).field("status"), &Value::from("accepted"));
    run(&mut rows, &[a_sale(vec![("status", "cancelled".into())])]);
    assert_eq!(told(&run(&mut rows, &[a_sale(vec![])])), ["found"]);
    assert_eq!(sale(&rows).field("status"), &Value::from("cancelled"));
    assert_eq!(told(&run(&mut rows, &[a_sale(vec![("status", Value::Null)])])), ["updated status"]);
    assert_eq!(sale(&rows).field("status"), &Value::from("accepted"));
}

#[test]
fn a_name_that_only_repeats_the_id_replaces_no_better_one() {
    let mut rows = MemoryRows::new();
    let effects = [upsert_agent("u1", "u1"), upsert_agent("u1", "Agent One"), upsert_agent("u1", "u1"), upsert_agent("u1", "Agent 1")];
    assert_eq!(told(&run(&mut rows, &effects)), ["created", "updated external_name", "found", "updated external_name"]);
}

#[test]
fn a_locked_field_keeps_what_it_has() {
    let mut rows = MemoryRows::new();
    let first = at("2026-03-01T09:30:00Z");
    let later = at("2026-04-01T09:30:00Z");
    let locked = [a_sale(vec![]), lock(RecordKind::Sale, "s", "moment", first.into())];
    assert_eq!(told(&run(&mut rows, &locked)), ["created", "locked"]);
    assert_eq!(told(&run(&mut rows, &locked)), ["found", "found"]);
    assert_eq!(told(&run(&mut rows, &[a_sale(vec![("moment", later.into())])])), ["kept kept moment"]);
    let both = a_sale(vec![("moment", later.into()), ("net_value", 5.into())]);
    assert_eq!(told(&run(&mut rows, &[both])), ["updated net_value kept moment"]);
    let read = StateReader::field(&rows, RecordKind::Sale, sale(&rows).id, "moment");
    assert_eq!((read.value, read.locked), (Some(first.into()), true));
}

#[test]
fn nothing_to_lock_is_told() {
    assert_eq!(told(&run(&mut MemoryRows::new(), &[lock(RecordKind::Sale, "s", "moment", Value::Null)])), ["nothing"]);
}

#[test]
fn instants_are_compared_as_they_are_stored() {
    let mut rows = MemoryRows::new();
    run(&mut rows, &[a_sale(vec![("moment", at("2026-03-01T09:30:00.123456789Z").into())])]);
    assert_eq!(sale(&rows).field("moment"), &Value::from(at("2026-03-01T09:30:00.123456Z")));
    assert_eq!(told(&run(&mut rows, &[a_sale(vec![("moment", at("2026-03-01T09:30:00.123456789Z").into())])])), ["found"]);
}

fn activity(external_id: &str, activity_type: &str, contact: &str) -> Effect {
    let fields = vec![
        ("activity_type", Value::from(activity_type)),
        ("agent_external_identity", agent("u1")),
        ("moment", at("2026-03-01T09:30:00Z").into()),
        ("contact_key", contact.into()),
    ];
    record(RecordKind::Activity, external_id, fields)
}

#[test]
fn a_follow_up_selects_by_contact_and_type() {
    let mut rows = MemoryRows::new();
    run(&mut rows, &[activity("a", "call", "c"), activity("b", "mail", "c"), activity("d", "call", "other")]);
    let move_calls = || vec![("contact_key", "c".into()), ("activity_type", "call".into()), ("agent_external_identity", agent("u2"))];
    let moved = run(&mut rows, &[follow_up(RecordKind::Activity, move_calls())]);
    assert_eq!((told(&moved), moved[0].matched), (vec!["updated agent_external_identity".to_owned()], 1));
    let again = run(&mut rows, &[follow_up(RecordKind::Activity, move_calls())]);
    assert_eq!((told(&again), again[0].matched), (vec!["found".to_owned()], 1));
    let all = run(&mut rows, &[follow_up(RecordKind::Activity, vec![("contact_key", "c".into()), ("value", 3.into())])]);
    assert_eq!(all[0].matched, 2);
    let none = run(&mut rows, &[follow_up(RecordKind::Activity, vec![("contact_key", "nobody".into()), ("value", 3.into())])]);
    assert_eq!(told(&none), ["nothing"]);
    let agent_of =
        |external_id| rows.get(id_of(Subject::Record(RecordKind::Activity), external_id)).unwrap().field("agent_external_identity").clone();
    assert_eq!([agent_of("a"), agent_of("b"), agent_of("d")], [agent("u2"), agent("u1"), agent("u1")]);
}

fn period(external_id: &str, started_at: &str, ended_at: Option<&str>) -> Effect {
    let mut fields = vec![
        ("period_type", Value::from("customer")),
        ("agent_external_identity", agent("u1")),
        ("started_at", at(started_at).into()),
        ("contact_key", "c".into()),
    ];
    if let Some(ended_at) = ended_at {
        fields.push(("ended_at", at(ended_at).into()));
    }
    record(RecordKind::Period, external_id, fields)
}

#[test]
fn open_periods_are_closed_by_a_follow_up() {
    let mut rows = MemoryRows::new();
    run(
        &mut rows,
        &[
            period("open", "2026-01-01T00:00:00Z", None),
            period("closed", "2025-01-01T00:00:00Z", Some("2025-02-01T00:00:00Z")),
            period("future", "2027-01-01T00:00:00Z", None),
        ],
    );
    let end = at("2026-06-01T00:00:00Z");
    let close = follow_up(RecordKind::Period, vec![("contact_key", "c".into()), ("open_only", true.into()), ("ended_at", end.into())]);
    let closed = run(&mut rows, &[close]);
    assert_eq!((told(&closed), closed[0].matched), (vec!["updated ended_at".to_owned()], 1));
    let end_of = |external_id| rows.get(id_of(Subject::Record(RecordKind::Period), external_id)).unwrap().field("ended_at").clone();
    assert_eq!(end_of("open"), Value::from(end));
    assert_eq!(end_of("closed"), Value::from(at("2025-02-01T00:00:00Z")));
    assert_eq!(end_of("future"), Value::Null);
    let every = vec![("contact_key", "c".into()), ("open_only", false.into()), ("value", 1.into())];
    assert_eq!(run(&mut rows, &[follow_up(RecordKind::Period, every)])[0].matched, 3);
}

#[test]
fn an_overlay_shows_what_would_be_without_doing_it() {
    let mut rows = MemoryRows::new();
    run(&mut rows, &[activity("a", "call", "c")]);
    let before = rows.clone();
    let mut overlay = Overlay::new(&mut rows);
    let effects = [
        activity("b", "call", "c"),
        follow_up(RecordKind::Activity, vec![("contact_key", "c".into()), ("value", 3.into())]),
        lock(RecordKind::Activity, "a", "value", 3.into()),
        follow_up(RecordKind::Activity, vec![("contact_key", "c".into()), ("value", 4.into())]),
    ];
    let outcomes = apply(&effects, 2, &mut overlay).unwrap();
    assert_eq!(told(&outcomes), ["created", "updated value", "locked", "updated value kept value"]);
    assert_eq!(overlay.held().count(), 2);
    assert_eq!(rows, before);
    assert_eq!(apply(&effects, 2, &mut rows).unwrap(), outcomes);
}

#[test]
fn what_was_written_can_be_undone() {
    let mut rows = MemoryRows::new();
    apply(&[a_sale(vec![("net_value", 1.into())]), activity("a", "call", "c")], 1, &mut rows).unwrap();
    let before = rows.clone();
    let effects = [
        a_sale(vec![("net_value", 2.into())]),
        a_sale(vec![("net_value", 3.into()), ("commission", 3.into())]),
        lock(RecordKind::Sale, "s", "net_value", 3.into()),
        activity("b", "call", "c"),
        follow_up(RecordKind::Activity, vec![("contact_key", "c".into()), ("value", 3.into())]),
        change(at("2026-01-01T00:00:00Z"), Some("lead"), vec![]),
        change(at("2026-01-01T00:00:00Z"), Some("offer"), vec![]),
        change(at("2026-02-01T00:00:00Z"), None, vec![]),
    ];
    let outcomes = apply(&effects, 2, &mut rows).unwrap();
    let undone = undo(&outcomes, |row| row.execution == 2, &mut rows).unwrap();
    assert_eq!(undone.left, []);
    assert_eq!(rows.len(), before.len());
    for row in before.iter() {
        let mut now = rows.get(row.id).unwrap().clone();
        let mut row = row.clone();
        now.fields.sort_by(|left, right| left.0.cmp(&right.0));
        row.fields.sort_by(|left, right| left.0.cmp(&right.0));
        assert_eq!(now, row);
    }
    assert_eq!(told(&apply(&effects, 3, &mut rows).unwrap()), told(&outcomes));
}

#[test]
fn undoing_leaves_alone_what_changed_since() {
    let mut rows = MemoryRows::new();
    let outcomes = apply(&[a_sale(vec![])], 2, &mut rows).unwrap();
    apply(&[a_sale(vec![("net_value", 3.into())])], 3, &mut rows).unwrap();
    let undone = undo(&outcomes, |row| row.execution == 2, &mut rows).unwrap();
    assert_eq!((undone.undone, undone.left), (0, vec![sale(&rows).id]));
    assert_eq!(outcomes[0].verdict, Verdict::Created);
}
