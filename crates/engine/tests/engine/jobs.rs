//! Ranges of records done over, cancelled and undone.

use expect_test::expect;
use salesdash_engine::jobs::{JobState, ReprocessRequest};
use salesdash_store::executions::Status;

use crate::flows::{NO_AMOUNT, OPEN, WON, WON_LATER};
use crate::world::{SPEC, World};

fn request(world: &World) -> ReprocessRequest {
    ReprocessRequest { processor: world.processor, link: None, from: None, to: None, fresh: false, actor: "test".to_owned() }
}

/// Has a job run to its end.
pub fn finish(world: &World, job: i64) -> JobState {
    loop {
        world.engine.tick().unwrap();
        world.engine.drain();
        let state = world.engine.job(world.tenant, job).unwrap();
        if !matches!(state.state.as_str(), "running" | "undoing") {
            return state;
        }
    }
}

fn shown(state: &JobState) -> String {
    let counts: Vec<_> = state.counts.iter().map(|(status, count)| format!("{count} {}", status.name())).collect();
    format!("{}: {} of {} done, {} left; {}\n", state.state, state.done, state.total, state.left, counts.join(", "))
}

/// The mended spec: deals without an amount are worth nothing, sales are called otherwise, and visits are no longer activities.
fn mended() -> String {
    SPEC.replace(
        r#""contract_value": {"type": "parse_number", "value": {"type": "var", "var": "deal.amount"}}"#,
        r#""contract_value": {"type": "parse_number", "value": {"type": "coalesce", "arguments": [{"type": "var", "var": "deal.amount"}, {"type": "literal", "value": "0"}]}}"#,
    )
    .replace(r#""default": "deal""#, r#""default": "sale""#)
    .replace(r#"{"id": "visited","#, r#"{"id": "visited", "disabled": true,"#)
}

fn lived_in() -> World {
    let world = World::new();
    for body in [OPEN, WON, WON_LATER, NO_AMOUNT] {
        world.send(body);
        world.pass(60);
    }
    world
}

#[test]
fn a_range_is_done_over_with_the_mended_spec_and_undone_again() {
    let world = lived_in();
    let before = world.records();
    world.save_spec(&mended());
    assert_eq!(world.engine.count_reprocess(world.tenant, &request(&world)).unwrap(), 4);
    let job = world.engine.reprocess(world.tenant, &request(&world)).unwrap();
    expect![[r#"
        running: 0 of 4 done, 0 left; 
        finished: 4 of 4 done, 0 left; 4 succeeded
        4 received = 4 executed + 0 duplicate + 0 stale + 0 rejected + 0 waiting + 0 failed"#]]
    .assert_eq(&(shown(&job) + &shown(&finish(&world, job.id)) + &world.ledger()));
    expect![[r#"
        agent_external_identity an: external_name=an
        agent_external_identity jo: external_name=jo
        proposition_external_identity panel: external_name=panel
        sale sale|d1: agent_external_identity=jo contract_value=1600 moment!=2026-03-01T09:30:00Z proposition_external_identity=panel status=accepted
        sale sale|d2: agent_external_identity=an contract_value=0 moment!=2026-03-01T09:30:00Z proposition_external_identity=panel status=accepted"#]].assert_eq(&world.records());
    assert_eq!(world.statuses().join(" "), "succeeded succeeded succeeded replaced succeeded succeeded succeeded succeeded");
    world.engine.undo_job(world.tenant, job.id).unwrap();
    expect![[r#"
        undone: 4 of 4 done, 0 left; 4 undone
        4 received = 3 executed + 0 duplicate + 0 stale + 0 rejected + 0 waiting + 1 failed"#]]
    .assert_eq(&(shown(&finish(&world, job.id)) + &world.ledger()));
    assert_eq!(world.records(), before);
    assert_eq!(world.execution(Status::Failed).code.as_deref(), Some("E202"));
    for execution in world.executions() {
        let verified = world.engine.trace(world.tenant, execution.id, false).unwrap().verified;
        assert_eq!(verified.name(), "yes");
    }
}

#[test]
fn what_was_written_since_is_left_alone_by_an_undo() {
    let world = lived_in();
    world.save_spec(&mended());
    let job = world.engine.reprocess(world.tenant, &request(&world)).unwrap();
    finish(&world, job.id);
    world.send(&WON_LATER.replace("2026-03-02T10:00:00Z", "2026-03-03T10:00:00Z").replace("1600", "1700"));
    world.engine.undo_job(world.tenant, job.id).unwrap();
    let state = finish(&world, job.id);
    assert_eq!((state.state.as_str(), state.left), ("undone", 1));
    assert!(world.records().contains("sale sale|d1: agent_external_identity=jo contract_value=1700"), "{}", world.records());
    world.ledger();
}

#[test]
fn a_job_goes_on_after_a_crash() {
    let world = lived_in();
    world.save_spec(&mended());
    let job = world.engine.reprocess(world.tenant, &request(&world)).unwrap();
    let world = world.crashed();
    world.engine.tick().unwrap();
    let world = world.crashed();
    let state = finish(&world, job.id);
    assert_eq!((state.state.as_str(), state.done, state.total), ("finished", 4, 4));
    world.engine.undo_job(world.tenant, job.id).unwrap();
    let world = world.crashed();
    assert_eq!(finish(&world, job.id).state, "undone");
    world.ledger();
}

#[test]
fn a_cancelled_job_runs_no_more() {
    let world = lived_in();
    let before = world.records();
    world.save_spec(&mended());
    let job = world.engine.reprocess(world.tenant, &request(&world)).unwrap();
    world.engine.tick().unwrap();
    assert_eq!(world.engine.queue().depth, 4);
    let state = world.engine.cancel_job(world.tenant, job.id).unwrap();
    assert_eq!((state.state.as_str(), state.counts.len()), ("cancelled", 0));
    assert_eq!(world.engine.queue().depth, 0);
    world.engine.drain();
    assert_eq!(world.records(), before);
    assert_eq!(world.ledger(), "4 received = 3 executed + 0 duplicate + 0 stale + 0 rejected + 0 waiting + 1 failed");
    assert!(world.engine.cancel_job(world.tenant, job.id).is_err());
}

#[test]
fn a_job_writes_nothing_over_what_is_newer_than_its_range() {
    let world = lived_in();
    let second = world.executions()[1].source_model;
    let job = world.engine.reprocess(world.tenant, &ReprocessRequest { to: Some(second + 1), ..request(&world) }).unwrap();
    let before = world.records();
    let state = finish(&world, job.id);
    expect![[r#"
        finished: 2 of 2 done, 0 left; 2 stale
    "#]]
    .assert_eq(&shown(&state));
    assert_eq!(world.records(), before);
    world.ledger();
}
