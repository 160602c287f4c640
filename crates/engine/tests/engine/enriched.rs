//! Enrichments: fetched once, kept, tried again, and never in the way of others.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use salesdash_engine::enrich::{Enrich, FetchError, Fetched, Wanted};
use salesdash_engine::replay::Verified;
use salesdash_store::attempts::Again;
use salesdash_store::executions::Status;
use salesdash_value::Value;

use crate::world::{World, value};

const MODELS: &str = r#"{
  "deal": {"key": "id", "var": "deal", "fields": {"id": "string", "contact": "string"}, "enrichments": {"contact": {"model": "contact"}}},
  "contact": {"fields": {"name": {"type": "string", "may_be_empty": true}, "owner": "string"}, "enrichments": {"user": {"model": "user"}}},
  "user": {"fields": {"team": "string"}}}"#;

const SPEC: &str = r#"{"format": 1, "source_model": {"type": "deal", "var": "deal"},
  "enrichments": [{"type": "contact", "on": "deal", "as": "person"}, {"type": "user", "on": "person", "as": "user"}],
  "instructions": [
    {"id": "a", "type": "upsert_team_external_identity", "external_id": {"type": "coalesce", "arguments": [
      {"type": "var", "var": "deal.person.user.team"}, {"type": "literal", "value": "nobody"}]}}]}"#;

/// Answers as it is told, and notes what it was asked.
#[derive(Default)]
struct Vendor {
    asked: Mutex<Vec<String>>,
    answers: Mutex<Vec<Result<Fetched, FetchError>>>,
}

impl Enrich for Vendor {
    fn fetch(&self, wanted: &Wanted<'_>) -> Result<Fetched, FetchError> {
        self.asked.lock().push(wanted.chain.join("/"));
        let mut answers = self.answers.lock();
        if answers.is_empty() {
            return Ok(Fetched::Found(match wanted.enrichment {
                "contact" => value(r#"{"name":"Jo","owner":"u1"}"#),
                _ => value(&format!(r#"{{"team":"team of {}"}}"#, wanted.parent.get("owner").and_then(Value::as_text).unwrap())),
            }));
        }
        answers.remove(0)
    }
}

fn world(answers: Vec<Result<Fetched, FetchError>>) -> (World, Arc<Vendor>) {
    let world = World::with(MODELS, SPEC, "deal", "{}", "{}");
    let vendor = Arc::new(Vendor { answers: Mutex::new(answers), ..Vendor::default() });
    world.engine.set_enrich(vendor.clone());
    (world, vendor)
}

fn later(after: Option<u64>) -> Result<Fetched, FetchError> {
    Err(FetchError::Later { after: after.map(Duration::from_secs), reason: "the vendor is busy".to_owned() })
}

#[test]
fn enrichments_are_fetched_once_and_a_replay_needs_no_network() {
    let (world, vendor) = world(Vec::new());
    world.send(r#"{"id":"d1","contact":"c1"}"#);
    assert_eq!(*vendor.asked.lock(), ["contact", "contact/user"]);
    assert!(world.records().contains("team_external_identity team of u1"), "{}", world.records());
    let world = world.crashed();
    let replayed = world.engine.trace(world.tenant, world.executions()[0].id, true).unwrap();
    assert_eq!(replayed.verified, Verified::Yes);
    assert_eq!(replayed.record.at(&["person", "user", "team"]), Some(&Value::from("team of u1")));
    // As it is now: asked again, and kept nowhere.
    let asked = vendor.asked.lock().len();
    *vendor.answers.lock() = vec![Ok(Fetched::Found(value(r#"{"name":"Jo","owner":"u2"}"#)))];
    world.engine.set_enrich(vendor.clone());
    let fresh = world.engine.test_fresh(world.tenant, world.executions()[0].id, true).unwrap();
    assert_eq!(fresh.record.at(&["person", "user", "team"]), Some(&Value::from("team of u2")));
    // What differs is told: in the record, and in what would be written.
    let told: Vec<(Option<&str>, &str)> =
        fresh.differences.iter().map(|each| (each.instruction.as_deref(), each.pointer.as_str())).collect();
    assert!(told.contains(&(None, "/person/user/team")), "{told:?}");
    assert!(told.iter().any(|(instruction, _)| instruction.is_some()), "{told:?}");
    assert!(!world.records().contains("team of u2"));
    assert_eq!(vendor.asked.lock().drain(asked..).count(), 2);
    // Run again as it was: nothing is asked. Run again afresh: everything is.
    world.engine.set_enrich(vendor.clone());
    let id = world.executions()[0].id;
    world.engine.run_again(world.tenant, &[id], &Again::newest("tests")).unwrap();
    world.engine.drain();
    assert_eq!(vendor.asked.lock().len(), 2);
    *vendor.answers.lock() = vec![Ok(Fetched::Missing)];
    world.engine.run_again(world.tenant, &[id], &Again { pinned: false, fresh: true, ..Again::newest("tests") }).unwrap();
    world.engine.drain();
    assert_eq!(vendor.asked.lock().len(), 3);
    assert!(world.records().contains("team_external_identity nobody"), "{:?} {}", world.executions(), world.records());
    assert_eq!(world.engine.trace(world.tenant, id, true).unwrap().verified, Verified::Yes);
    world.ledger();
}

#[test]
fn executions_are_found_by_what_was_fetched_for_them() {
    use salesdash_engine::find::Needle;
    use salesdash_store::Paging;
    use salesdash_store::executions::Filter;
    let personal = MODELS.replace(r#""owner": "string"}"#, r#""owner": "string", "phone": {"type": "string", "personal": "phone"}}"#);
    let world = World::with(&personal, SPEC, "deal", "{}", "{}");
    let vendor = Arc::new(Vendor::default());
    world.engine.set_enrich(vendor.clone());
    *vendor.answers.lock() = vec![
        Ok(Fetched::Found(value(r#"{"name":"Jo","owner":"u1","phone":"+31612345678"}"#))),
        Ok(Fetched::Found(value(r#"{"team":"North"}"#))),
    ];
    world.send(r#"{"id":"d1","contact":"c1"}"#);
    *vendor.answers.lock() = vec![Ok(Fetched::Missing)];
    world.send(r#"{"id":"d2","contact":"c2"}"#);
    let find = |field: Option<&str>, value: &str, reveal: bool| {
        let needle = Needle::new(field, value);
        let found = world.engine.find_executions(world.tenant, &Filter::default(), Paging::default(), &needle, reveal);
        found.map(|found| (found.items.len(), found.examined))
    };
    assert_eq!(find(Some("person.user.team"), "north", false).unwrap(), (1, 2));
    assert_eq!(find(None, "north", false).unwrap(), (1, 2));
    assert_eq!(find(Some("person"), "null", false).unwrap(), (1, 2));
    assert_eq!(find(Some("person.user.team"), "south", false).unwrap(), (0, 2));
    assert_eq!(find(Some("contact"), "c*", false).unwrap(), (2, 2));
    // What is personal has to be revealed, also where it was fetched.
    assert_eq!(find(None, "+31612345678", false).unwrap(), (0, 2));
    assert_eq!(find(None, "+31612345678", true).unwrap(), (1, 2));
    let refused = find(Some("person.phone"), "+31612345678", false).unwrap_err().to_string();
    assert!(refused.contains("`person.phone` of `deal` holds personal data"), "{refused}");
    assert_eq!(find(Some("person.phone"), "+31612345678", true).unwrap(), (1, 2));
}

#[test]
fn the_wish_for_fresh_enrichments_survives_a_crash() {
    let (world, vendor) = world(Vec::new());
    world.send(r#"{"id":"d1","contact":"c1"}"#);
    let (id, asked) = (world.executions()[0].id, vendor.asked.lock().len());
    world.engine.run_again(world.tenant, &[id], &Again { fresh: true, ..Again::newest("Ada") }).unwrap();
    let world = world.crashed();
    world.engine.set_enrich(vendor.clone());
    world.engine.drain();
    assert_eq!((world.statuses(), vendor.asked.lock().len()), (vec!["succeeded"], 2 * asked));
    // The next one that is to run as it was asks for nothing, also after a crash.
    world.engine.run_again(world.tenant, &[id], &Again::newest("Ada")).unwrap();
    let world = world.crashed();
    world.engine.set_enrich(vendor.clone());
    world.engine.drain();
    assert_eq!((world.statuses(), vendor.asked.lock().len()), (vec!["succeeded"], 2 * asked));
}

#[test]
fn what_fails_for_now_is_tried_again_also_after_a_crash() {
    let (world, vendor) = world(vec![later(None), later(Some(3600))]);
    world.send(r#"{"id":"d1","contact":"c1"}"#);
    assert_eq!((world.statuses(), world.engine.queue().postponed), (vec!["waiting"], 1));
    world.pass(10);
    world.engine.drain();
    assert_eq!(vendor.asked.lock().len(), 2);
    let world = world.crashed();
    world.engine.set_enrich(vendor.clone());
    // The vendor asked for an hour.
    world.pass(3500);
    world.engine.drain();
    assert_eq!((vendor.asked.lock().len(), world.statuses()), (2, vec!["waiting"]));
    world.pass(200);
    world.engine.drain();
    assert_eq!(world.statuses(), ["succeeded"]);
    let left = world.store.postponed().unwrap();
    assert!(left.is_empty(), "{left:?}");
    world.ledger();
}

#[test]
fn what_does_not_pass_fails_with_a_code_and_can_be_run_again() {
    let (world, vendor) = world(vec![Err(FetchError::Failed("the contact is not visible to this user".to_owned()))]);
    world.send(r#"{"id":"d1","contact":"c1"}"#);
    let failed = world.execution(Status::Failed);
    assert_eq!(failed.code.as_deref(), Some("E702"));
    assert_eq!(failed.message.as_deref(), Some("`contact` could not be fetched: the contact is not visible to this user"));
    world.engine.run_again(world.tenant, &[failed.id], &Again::newest("tests")).unwrap();
    world.engine.drain();
    assert_eq!((world.statuses(), vendor.asked.lock().len()), (vec!["succeeded"], 3));
    // Tried often enough.
    *vendor.answers.lock() = (0..20).map(|_| later(None)).collect();
    world.send(r#"{"id":"d2","contact":"c1"}"#);
    for _ in 0..20 {
        world.pass(1000);
        world.engine.drain();
    }
    assert_eq!(world.execution(Status::Failed).code.as_deref(), Some("E702"));
    assert_eq!(vendor.answers.lock().len(), 10);
    world.ledger();
}

#[test]
fn credentials_that_stop_working_lose_nothing() {
    let (world, vendor) = world(vec![Err(FetchError::NeedsReconnecting("the token was revoked".to_owned()))]);
    world.send(r#"{"id":"d1","contact":"c1"}"#);
    world.send(r#"{"id":"d2","contact":"c1"}"#);
    assert_eq!((world.statuses(), world.engine.queue().held), (vec!["waiting", "waiting"], 2));
    assert_eq!(vendor.asked.lock().len(), 1);
    let provider = world.store.read(world.tenant, |scope| scope.providers()).unwrap().remove(0);
    assert_eq!(provider.status, "needs_reconnecting");
    world.store.write(world.tenant, move |scope| scope.set_provider_status(provider.id, "active")).unwrap();
    world.engine.changed(world.tenant);
    world.engine.drain();
    assert_eq!(world.statuses(), ["succeeded", "succeeded"]);
    assert!(world.store.postponed().unwrap().is_empty());
    world.ledger();
}

#[test]
fn without_anything_that_fetches_it_says_so() {
    let world = World::with(MODELS, SPEC, "deal", "{}", "{}");
    world.send(r#"{"id":"d1","contact":"c1"}"#);
    let failed = world.execution(Status::Failed);
    assert_eq!(failed.message.as_deref(), Some("`contact` could not be fetched: nothing is installed that fetches enrichments"));
}

/// A source of a provider type whose events hold only an id.
fn thin() -> World {
    let mut world = World::with(MODELS, SPEC, "deal", "{}", "{}");
    let spec = r#"{"format": 1, "source_model": {"type": "hubspot_deal", "var": "deal"}, "instructions": [
        {"id": "a", "type": "upsert_team_external_identity", "external_id": {"type": "coalesce", "arguments": [
          {"type": "var", "var": "deal.properties.dealname"}, {"type": "literal", "value": "gone"}]}}]}"#;
    (world.source, world.url) = world
        .store
        .write(world.tenant, move |scope| {
            scope.save_model("hubspot_deal", r#"{"key": "id", "open": true, "fields": {"id": "string"}}"#, "{}", None, None)?;
            let provider = scope.create_provider("hubspot", "HubSpot", "{}", None)?.id;
            let settings = r#"{"definition": "deals", "verification": "secret_url"}"#;
            let (source, url) = scope.create_source(provider, "webhook", "Deals", "hubspot_deal", settings, None)?;
            let processor = scope.create_processor("Deals", "hubspot_deal")?.id;
            scope.save_version(processor, 0, "test", None, spec)?;
            scope.create_link(source.id, processor, "{}")?;
            Ok((source.id, url))
        })
        .unwrap();
    world.engine.changed(world.tenant);
    world
}

#[test]
fn a_thin_event_is_completed_before_it_is_processed() {
    let world = thin();
    let found = value(r#"{"id":"7","properties":{"dealname":"Roof"}}"#);
    let vendor = Arc::new(Vendor { answers: Mutex::new(vec![later(None), Ok(Fetched::Found(found))]), ..Vendor::default() });
    world.engine.set_enrich(vendor.clone());
    let event = |kind: &str, id: u32| {
        format!(
            r#"{{"subscriptionType":"{kind}","objectId":{id},"eventId":{id},"occurredAt":1772355600000,"portalId":1,"subscriptionId":1,"attemptNumber":0}}"#
        )
    };
    // Events that the source does not ask for are answered, and nothing is made of them.
    assert_eq!(world.post(&format!("[{}]", event("ticket.creation", 1))).status, 202);
    let answer = world.post(&format!("[{}]", event("deal.creation", 7)));
    assert!((200..300).contains(&answer.status), "{answer:?}");
    world.engine.drain();
    assert_eq!((world.statuses(), vendor.asked.lock().join(" ")), (vec!["waiting"], "$complete".to_owned()));
    world.pass(100);
    world.engine.drain();
    assert!(world.records().contains("team_external_identity Roof"), "{} {:?}", world.records(), world.executions());
    let model = world.executions()[0].source_model;
    assert_eq!(world.store.read(world.tenant, |scope| scope.source_model(model)).unwrap().key.as_deref(), Some("7"));
    let replayed = world.engine.trace(world.tenant, world.executions()[0].id, true).unwrap();
    assert_eq!((replayed.verified, replayed.record.at(&["properties", "dealname"])), (Verified::Yes, Some(&Value::from("Roof"))));
    world.ledger();
}
