//! A contact erased: nothing of it is left anywhere, and everything else is as it was.

use std::sync::Arc;

use expect_test::expect;
use salesdash_engine::EngineError;
use salesdash_engine::enrich::{Enrich, FetchError, Fetched, Wanted};
use salesdash_engine::erase::{Erasure, ErasureRequest};
use salesdash_engine::jobs::ReprocessRequest;
use salesdash_engine::replay::Verified;
use salesdash_records::Row;
use salesdash_store::attempts::Again;
use salesdash_store::executions::Status;
use salesdash_store::records::RecordFilter;
use salesdash_value::{RecordKind, Value};

use crate::world::{World, value};

/// The contact, and another one.
const KIM: &str = "kim.vos@example.com";
const KIM_PHONE: &str = "+31612345678";
const JO: &str = "jo.bos@example.com";

const MODELS: &str = r#"{
  "lead": {"key": "id", "version": "updated", "var": "lead", "fields": {
    "id": "string", "updated": "string", "owner": "string", "stage": {"type": "string", "may_be_empty": true},
    "name": {"type": "string", "personal": "name", "may_be_empty": true}, "note": {"type": "string", "may_be_empty": true},
    "email": {"type": "string", "personal": "email", "may_be_empty": true},
    "phone": {"type": "string", "personal": "phone", "may_be_empty": true}}, "enrichments": {"person": {"model": "person"}}},
  "person": {"fields": {"email": {"type": "string", "personal": "email", "may_be_empty": true}, "team": "string"}}}"#;

/// An activity and a call for each lead, and the period of its stage; the person is fetched.
const SPEC: &str = r#"{"format": 1, "source_model": {"type": "lead", "var": "lead"},
  "enrichments": [{"type": "person", "on": "lead", "as": "person"}],
  "instructions": [
    {"id": "owner", "type": "upsert_agent_external_identity", "external_id": {"type": "var", "var": "lead.owner"}, "return_as": "agent"},
    {"id": "team", "type": "upsert_team_external_identity", "external_id": {"type": "coalesce", "arguments": [
      {"type": "var", "var": "lead.person.team"}, {"type": "literal", "value": "none"}]}, "return_as": "team"},
    {"id": "has-email", "type": "if_else", "condition": {"type": "not", "argument": {"type": "is_empty", "value": {"type": "var", "var": "lead.email"}}},
     "then": [
      {"id": "lead", "type": "upsert_activity", "external_id": {"type": "var", "var": "lead.id"}, "activity_type": {"type": "literal", "value": "Lead"},
       "agent_external_identity": {"type": "var", "var": "agent"}, "moment": {"type": "parse_datetime", "value": {"type": "var", "var": "lead.updated"}},
       "value": {"type": "literal", "value": 7}, "contact_key": {"type": "var", "var": "lead.email"}},
      {"id": "stage", "type": "insert_contact_period_change", "contact_key": {"type": "var", "var": "lead.email"},
       "track": {"type": "literal", "value": "pipeline"}, "period_type": {"type": "coalesce", "arguments": [{"type": "var", "var": "lead.stage"}, {"type": "literal", "value": "New"}]},
       "agent_external_identity": {"type": "var", "var": "agent"}, "moment": {"type": "parse_datetime", "value": {"type": "var", "var": "lead.updated"}}}]},
    {"id": "has-phone", "type": "if_else", "condition": {"type": "not", "argument": {"type": "is_empty", "value": {"type": "var", "var": "lead.phone"}}},
     "then": [
      {"id": "call", "type": "upsert_call", "external_id": {"type": "concat", "arguments": [{"type": "literal", "value": "call|"}, {"type": "var", "var": "lead.id"}]},
       "agent_external_identity": {"type": "var", "var": "agent"}, "started_at": {"type": "parse_datetime", "value": {"type": "var", "var": "lead.updated"}},
       "duration": {"type": "literal", "value": 60}, "phone_number": {"type": "var", "var": "lead.phone"}}]}]}"#;

/// Of every lead the same person is known, save of Kim's.
struct People;

impl Enrich for People {
    fn fetch(&self, wanted: &Wanted<'_>) -> Result<Fetched, FetchError> {
        let email = wanted.record.get("email").and_then(Value::as_text).unwrap_or_default();
        Ok(Fetched::Found(match email {
            KIM => value(&format!(r#"{{"email":"{KIM}","team":"North"}}"#)),
            _ => value(r#"{"team":"South"}"#),
        }))
    }
}

fn lead(id: &str, second: u32, more: &str) -> String {
    format!(r#"{{"id":"{id}","updated":"2026-03-01T10:00:{second:02}Z","owner":"u1"{more}}}"#)
}

fn world() -> World {
    let world = World::with(MODELS, SPEC, "lead", "{}", "{}");
    world.engine.set_enrich(Arc::new(People));
    world
}

/// Kim in every place there is, and Jo beside her.
fn lived_in() -> World {
    let world = world();
    let bodies = [
        // An early state of a lead, before anybody knew the address: it has the name.
        lead("l1", 1, r#","name":"Kim Vos""#),
        lead("l1", 2, &format!(r#","name":"Kim Vos","email":"{KIM}","phone":"06 12345678""#)),
        lead("l2", 3, &format!(r#","name":"Jo Bos","email":"{JO}","phone":"+31687654321","stage":"Offer""#)),
        // Two contacts in one body.
        format!(
            "[{},{}]",
            lead("l3", 4, r#","email":" KIM.Vos@example.com ","stage":"Offer""#),
            lead("l4", 5, &format!(r#","email":"{JO}""#))
        ),
        // Only in a text that nobody declared as personal.
        lead("l5", 6, &format!(r#","note":"please mail {KIM}.""#)),
        // A lead that was Kim's before it was Jo's: what it was is in the outcome of the second.
        lead("l6", 7, &format!(r#","email":"{KIM}""#)),
        lead("l7", 8, ""),
    ];
    for body in bodies {
        world.send(&body);
        world.pass(60);
    }
    world
}

fn request(contact: &[&str]) -> ErasureRequest {
    ErasureRequest { contact: contact.iter().map(ToString::to_string).collect(), reason: "case 17".to_owned(), actor: "Ada".to_owned() }
}

/// Lets an erasure go on until a person has to look at it or it has ended.
fn go_on(world: &World, id: i64) -> Erasure {
    while world.engine.erasure_step(world.tenant, id).unwrap() {}
    world.engine.erasure(world.tenant, id).unwrap()
}

fn erase(world: &World, contact: &[&str]) -> Erasure {
    let begun = world.engine.prepare_erasure(world.tenant, &request(contact)).unwrap();
    let found = go_on(world, begun.id);
    assert_eq!(found.state, "found");
    world.engine.erase(world.tenant, begun.id, found.found.unwrap().source_models, "Ada").unwrap();
    let erased = go_on(world, begun.id);
    assert_eq!(erased.state, "finished");
    erased
}

/// Every byte that is on the disk of the database.
fn bytes(world: &World) -> Vec<u8> {
    let read = |file: &str| std::fs::read(world.store.directory().join(file)).unwrap_or_default();
    [read("salesdash.db"), read("salesdash.db-wal")].concat()
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// What would tell of a contact in the file: the texts, and their keyed hashes as text and as bytes.
fn marks(world: &World, texts: &[&str]) -> Vec<Vec<u8>> {
    let key = world.store.vault(world.tenant).unwrap().identity_key();
    let mut marks = Vec::new();
    for text in texts {
        let hash = key.hash(text);
        let digits = hash.strip_prefix("hmac:").unwrap();
        marks.extend([text.as_bytes().to_vec(), digits.as_bytes().to_vec(), hex::decode(digits).unwrap()]);
    }
    marks
}

/// The payloads that are stored: their ids with the encrypted bytes, and decrypted.
fn payloads(world: &World) -> Vec<(i64, Vec<u8>, String)> {
    let path = world.store.directory().join("salesdash.db");
    let connection = rusqlite::Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut statement = connection.prepare("SELECT id, content FROM payloads ORDER BY id").unwrap();
    let rows: Vec<(i64, Vec<u8>)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().collect::<rusqlite::Result<_>>().unwrap();
    let open = |id: i64| String::from_utf8(world.store.read(world.tenant, |scope| scope.payload(id)).unwrap()).unwrap();
    rows.into_iter().map(|(id, content)| (id, content, open(id))).collect()
}

fn rows(world: &World) -> Vec<Row> {
    let list = |kind: RecordKind| world.store.read(world.tenant, |scope| scope.records(kind, &RecordFilter::default(), None, 500)).unwrap();
    RecordKind::ALL.iter().flat_map(|kind| list(*kind).items).map(|record| record.row).collect()
}

/// The records with what they say of their contact.
fn contacts(world: &World) -> String {
    let key = world.store.vault(world.tenant).unwrap().identity_key();
    let name = |value: &Value| match value.as_text() {
        None => "-",
        Some(text) if text == key.hash(KIM).as_str() || text == key.hash(KIM_PHONE).as_str() => "Kim",
        Some(_) => "Jo",
    };
    let mut lines: Vec<String> = rows(world)
        .iter()
        .map(|row| {
            let contact = if row.field("phone_number").is_null() { row.field("contact_key") } else { row.field("phone_number") };
            let number = |field: &str| match row.field(field) {
                Value::Number(number) => salesdash_value::number::plain(*number).to_string(),
                _ => "-".to_owned(),
            };
            let short = |part: &str| match part {
                part if part.starts_with("erased-") => "erased".to_owned(),
                part if part.starts_with("hmac:") => "#".to_owned(),
                part => part.to_owned(),
            };
            let external_id: Vec<String> = row.external_id.split('|').map(short).collect();
            format!("{}: {} {}{}", external_id.join("|"), name(contact), number("value"), number("duration"))
        })
        .collect();
    lines.sort();
    lines.join("\n")
}

#[test]
fn nothing_of_a_contact_is_left_and_the_numbers_stay() {
    let world = lived_in();
    expect![[r#"
        call|l1: Kim -60
        call|l2: Jo -60
        l1: Kim 7-
        l2: Jo 7-
        l3: Kim 7-
        l4: Jo 7-
        l6: Kim 7-
        pipeline|#|2026-03-01T10:00:02Z|New: Kim --
        pipeline|#|2026-03-01T10:00:03Z|Offer: Jo --
        pipeline|#|2026-03-01T10:00:04Z|Offer: Kim --
        pipeline|#|2026-03-01T10:00:05Z|New: Jo --
        pipeline|#|2026-03-01T10:00:07Z|New: Kim --"#]]
    .assert_eq(&contacts(&world));
    // A lead changes hands: the outcome of that holds who it was before.
    world.send(&lead("l6", 9, &format!(r#","email":"{JO}""#)));
    let (before, ledger) = (world.records(), world.ledger());
    let secret: Vec<Vec<u8>> =
        payloads(&world).into_iter().filter(|(_, _, text)| text.to_lowercase().contains("kim")).map(|(_, content, _)| content).collect();
    assert_eq!(secret.len(), 7, "five records, a body of two, and the person");
    let on_disk = bytes(&world);
    assert!(secret.iter().all(|content| holds(&on_disk, content)), "the test looks where it is");

    let begun = world.engine.prepare_erasure(world.tenant, &request(&[" Kim.Vos@Example.com ", KIM_PHONE])).unwrap();
    assert_eq!((begun.state.as_str(), begun.given.join(" ")), ("searching", "email phone".to_owned()));
    let found = go_on(&world, begun.id);
    expect![[r#"
        Extent {
            source_models: 6,
            sources: 1,
            deliveries: 6,
            executions: 6,
            waiting: 0,
            enrichments: 6,
            records: [
                (
                    "activity",
                    2,
                ),
                (
                    "period",
                    3,
                ),
            ],
            phone_numbers: 1,
            external_ids: 3,
            open_periods: 1,
        }
    "#]]
    .assert_debug_eq(found.found.as_ref().unwrap());
    // Looking changes nothing.
    assert_eq!((world.records(), world.ledger()), (before.clone(), ledger.clone()));
    assert!(world.engine.erase(world.tenant, begun.id, 5, "Ada").is_err(), "somebody confirmed what they did not see");
    world.engine.erase(world.tenant, begun.id, 6, "Ada").unwrap();
    let erased = go_on(&world, begun.id);
    assert_eq!((erased.state.as_str(), erased.done, erased.total), ("finished", 12, 12));

    expect![[r#"
        call|l1: - -60
        call|l2: Jo -60
        l1: - 7-
        l2: Jo 7-
        l3: - 7-
        l4: Jo 7-
        l6: Jo 7-
        pipeline|#|2026-03-01T10:00:03Z|Offer: Jo --
        pipeline|#|2026-03-01T10:00:05Z|New: Jo --
        pipeline|#|2026-03-01T10:00:09Z|New: Jo --
        pipeline|erased|2026-03-01T10:00:02Z|New: - --
        pipeline|erased|2026-03-01T10:00:04Z|Offer: - --
        pipeline|erased|2026-03-01T10:00:07Z|New: - --"#]]
    .assert_eq(&contacts(&world));
    assert_eq!(world.ledger(), ledger);
    // Nothing is left in the file: neither what it was, nor a hash of it, nor the encrypted bytes.
    let on_disk = bytes(&world);
    for mark in marks(&world, &[KIM, KIM_PHONE, "0612345678"]).iter().chain(&secret) {
        assert!(!holds(&on_disk, mark), "{}", String::from_utf8_lossy(mark));
    }
    for (_, _, text) in payloads(&world) {
        assert!(!text.to_lowercase().contains("kim"), "{text}");
    }
    // Jo is as she was, and so is what can be worked out of her.
    for execution in world.executions() {
        let model = world.store.read(world.tenant, |scope| scope.source_model(execution.source_model)).unwrap();
        let replayed = world.engine.trace(world.tenant, execution.id, true).unwrap();
        let record = world.engine.record(world.tenant, execution.source_model);
        match model.payload {
            Some(_) => {
                assert_eq!(replayed.verified, Verified::Yes, "{:?}", model.key);
                assert!(record.is_ok());
            }
            None => {
                assert!(matches!(replayed.verified, Verified::Erased(_)), "{:?}", replayed.verified);
                assert!(replayed.record.is_null() && replayed.tree.is_null() && !replayed.spec.is_null());
                let error = record.unwrap_err();
                assert!(matches!(error, EngineError::Erased(_)));
                assert_eq!(
                    error.to_string(),
                    "this was erased on request on 2026-03-01, so it cannot be shown or worked out again; records keep their numbers"
                );
            }
        }
    }
    // Run again it cannot be; and reprocessing goes over what there is.
    let gone = world.executions()[1].id;
    let retried = world.engine.run_again(world.tenant, &[gone], &Again::newest("tests")).unwrap();
    assert_eq!(retried.left, [(gone, "erased")]);
    let all = ReprocessRequest { processor: world.processor, link: None, from: None, to: None, fresh: false, actor: "Ada".to_owned() };
    let job = world.engine.reprocess(world.tenant, &all).unwrap();
    let numbers = world.records();
    crate::jobs::finish(&world, job.id);
    assert_eq!(world.records(), numbers);
    world.engine.undo_job(world.tenant, job.id).unwrap();
    crate::jobs::finish(&world, job.id);
    assert!(!contacts(&world).contains("Kim"));
    assert!(world.engine.undo_job(world.tenant, begun.id).is_err(), "an erasure cannot be undone");
    // What was done is in the audit log, and not of whom.
    let log = world.store.read(world.tenant, |scope| scope.audit_log(salesdash_store::Paging::default())).unwrap().items;
    let noted: Vec<_> =
        log.iter().filter(|entry| entry.target == format!("erasure:{}", begun.id)).map(|entry| entry.action.as_str()).collect();
    assert_eq!(noted, ["contact.erased", "contact.erasure_confirmed", "contact.erasure_prepared"]);
    assert!(!format!("{log:?}{erased:?}").to_lowercase().contains("kim"));
}

#[test]
fn what_comes_later_is_new_and_what_waits_does_not_run() {
    let world = world();
    world.send(&lead("l1", 1, &format!(r#","email":"{KIM}""#)));
    let waiting = lead("l1", 2, &format!(r#","email":"{KIM}","stage":"Won""#));
    assert_eq!(world.post(&waiting).status, 202);
    assert_eq!(world.engine.queue().depth, 1);
    let erased = erase(&world, &[KIM]);
    assert_eq!(erased.found.unwrap().waiting, 1);
    assert_eq!(world.engine.queue().depth, 0);
    world.engine.drain();
    let skipped = world.execution(Status::Skipped);
    assert_eq!(skipped.message.as_deref(), Some("the record was erased on request before this ran"));
    assert_eq!(world.ledger(), "2 received = 2 executed + 0 duplicate + 0 stale + 0 rejected + 0 waiting + 0 failed");
    assert_eq!(contacts(&world).matches("Kim").count(), 0);
    // The very same is sent once more: that is new, and is taken.
    world.send(&waiting);
    assert_eq!(world.ledger(), "3 received = 3 executed + 0 duplicate + 0 stale + 0 rejected + 0 waiting + 0 failed");
    assert_eq!(contacts(&world).matches("Kim").count(), 2, "{}", contacts(&world));
    let trace = world.engine.trace(world.tenant, world.executions()[2].id, true).unwrap();
    assert_eq!(trace.verified, Verified::Yes);
}

#[test]
fn earlier_attempts_of_what_is_erased_go_with_it() {
    let world = world();
    world.send(&lead("l1", 1, &format!(r#","email":"{KIM}""#)));
    let id = world.executions()[0].id;
    world.engine.run_again(world.tenant, &[id], &Again::newest("tests")).unwrap();
    world.engine.drain();
    let attempts = || {
        world.store.read(world.tenant, |scope| {
            let execution = scope.execution(id)?;
            scope.attempts(&execution)
        })
    };
    assert_eq!(attempts().unwrap().len(), 1);
    erase(&world, &[KIM]);
    assert!(attempts().unwrap().is_empty());
}

#[test]
fn an_execution_that_is_on_its_way_stores_nothing_any_more() {
    let world = world();
    assert_eq!(world.post(&lead("l1", 1, &format!(r#","email":"{KIM}""#))).status, 202);
    // It is fetching when the contact is erased.
    struct Erasing(Arc<salesdash_engine::Engine>, i64);
    impl Enrich for Erasing {
        fn fetch(&self, _: &Wanted<'_>) -> Result<Fetched, FetchError> {
            let begun = self.0.prepare_erasure(self.1, &request(&[KIM])).unwrap();
            while self.0.erasure_step(self.1, begun.id).unwrap() {}
            self.0.erase(self.1, begun.id, 1, "Ada").unwrap();
            while self.0.erasure_step(self.1, begun.id).unwrap() {}
            Ok(Fetched::Found(value(&format!(r#"{{"email":"{KIM}","team":"North"}}"#))))
        }
    }
    world.engine.set_enrich(Arc::new(Erasing(Arc::clone(&world.engine), world.tenant)));
    world.engine.drain();
    assert_eq!(world.statuses(), ["skipped"]);
    assert_eq!(world.records(), "");
    assert!(payloads(&world).is_empty(), "{:?}", payloads(&world));
    world.ledger();
}

#[test]
fn a_payload_that_others_have_too_stays_for_them() {
    let world = world();
    // Of both leads the same is fetched; and the same content came for a record of another source.
    world.send(&lead("l7", 1, &format!(r#","name":"x","phone":"{KIM_PHONE}""#)));
    world.send(&lead("l8", 2, ""));
    let shared: Vec<String> = payloads(&world).into_iter().map(|(_, _, text)| text).filter(|text| text.contains("South")).collect();
    assert_eq!(shared.len(), 1, "one payload for both");
    erase(&world, &["06-12345678"]);
    let left: Vec<String> = payloads(&world).into_iter().map(|(_, _, text)| text).collect();
    assert_eq!(left.len(), 2, "{left:?}");
    let other = world.executions()[1].id;
    assert_eq!(world.engine.trace(world.tenant, other, true).unwrap().verified, Verified::Yes);
    // Once that one goes too, nothing refers to it any more.
    world.send(&lead("l8", 3, &format!(r#","email":"{JO}""#)));
    erase(&world, &[JO]);
    assert!(payloads(&world).is_empty(), "{:?}", payloads(&world));
}

#[test]
fn a_key_that_tells_who_it_is_goes_and_versions_stay_together() {
    let models = MODELS.replace(r#""key": "id""#, r#""key": "email""#);
    let world = World::with(&models, SPEC, "lead", "{}", "{}");
    world.engine.set_enrich(Arc::new(People));
    world.send(&lead("l1", 1, &format!(r#","email":"{KIM}""#)));
    world.send(&lead("l1", 2, &format!(r#","email":"{KIM}""#)));
    world.send(&lead("l2", 3, &format!(r#","email":"{JO}""#)));
    // By the hash alone, as it stands in a record.
    let hash = world.store.vault(world.tenant).unwrap().identity_key().hash(KIM);
    let erased = erase(&world, &[&hash]);
    assert_eq!((erased.given.join(" "), erased.found.unwrap().source_models), ("hash".to_owned(), 2));
    let models: Vec<_> = world
        .executions()
        .iter()
        .map(|execution| world.store.read(world.tenant, |scope| scope.source_model(execution.source_model)).unwrap().key.unwrap())
        .collect();
    assert!(models[0].starts_with("erased-") && models[0] == models[1] && models[2] == JO, "{models:?}");
    let on_disk = bytes(&world);
    for mark in marks(&world, &[KIM]) {
        assert!(!holds(&on_disk, &mark), "{}", String::from_utf8_lossy(&mark));
    }
    world.ledger();
}

#[test]
fn an_erasure_goes_on_after_a_crash_at_every_step() {
    let world = lived_in();
    let begun = world.engine.prepare_erasure(world.tenant, &request(&[KIM, KIM_PHONE])).unwrap();
    let mut world = world;
    let (mut steps, mut confirmed) = (0, false);
    let erased = loop {
        world = world.crashed();
        world.engine.erasure_step(world.tenant, begun.id).unwrap();
        steps += 1;
        let state = world.engine.erasure(world.tenant, begun.id).unwrap();
        match (state.state.as_str(), confirmed) {
            ("found", false) => {
                world.engine.erase(world.tenant, begun.id, state.found.unwrap().source_models, "Ada").unwrap();
                confirmed = true;
            }
            ("finished", true) => break state,
            ("searching" | "erasing", _) => {}
            other => panic!("{other:?}"),
        }
    };
    assert!(steps > 20, "{steps}");
    assert_eq!(erased.found.unwrap().source_models, 5);
    let on_disk = bytes(&world);
    for mark in marks(&world, &[KIM, KIM_PHONE]) {
        assert!(!holds(&on_disk, &mark), "{}", String::from_utf8_lossy(&mark));
    }
    for (_, _, text) in payloads(&world) {
        assert!(!text.to_lowercase().contains("kim"), "{text}");
    }
    world.ledger();
}

#[test]
fn an_erasure_that_is_cancelled_leaves_the_rest_and_forgets_who_it_was() {
    let world = lived_in();
    let before = world.records();
    let begun = world.engine.prepare_erasure(world.tenant, &request(&[KIM])).unwrap();
    go_on(&world, begun.id);
    world.engine.cancel_job(world.tenant, begun.id).unwrap();
    let ended = go_on_cancelled(&world, begun.id);
    assert_eq!((ended.state.as_str(), world.records() == before), ("cancelled", true));
    assert!(world.engine.erase(world.tenant, begun.id, 7, "Ada").is_err());
    assert!(world.engine.cancel_job(world.tenant, begun.id).is_err());
    // In the middle: what was taken by then is gone from the file too.
    let again = world.engine.prepare_erasure(world.tenant, &request(&[KIM])).unwrap();
    let found = go_on(&world, again.id).found.unwrap().source_models;
    world.engine.erase(world.tenant, again.id, found, "Ada").unwrap();
    let phase = || world.store.read(world.tenant, |scope| scope.job(again.id)).unwrap().document;
    while !phase().contains("take_bodies") {
        world.engine.erasure_step(world.tenant, again.id).unwrap();
    }
    assert!(contacts(&world).contains("Kim"), "records come later");
    world.engine.cancel_job(world.tenant, again.id).unwrap();
    assert_eq!(go_on(&world, again.id).state, "cancelled");
    for (_, _, text) in payloads(&world) {
        assert!(!text.contains(KIM), "{text}");
    }
    world.ledger();
}

/// An erasure that has ended takes no step.
fn go_on_cancelled(world: &World, id: i64) -> Erasure {
    world.engine.tick().unwrap();
    world.engine.erasure(world.tenant, id).unwrap()
}

#[test]
fn what_is_given_must_say_who_and_the_reason_must_not() {
    let world = world();
    let refused = |request: ErasureRequest| world.engine.prepare_erasure(world.tenant, &request).unwrap_err().to_string();
    assert!(refused(request(&[])).starts_with("give what identifies the contact"));
    assert!(refused(request(&[" "])).starts_with("give what identifies the contact"));
    let unsaid = refused(ErasureRequest { reason: " ".to_owned(), ..request(&[KIM]) });
    assert!(unsaid.starts_with("say why"), "{unsaid}");
    let named = refused(ErasureRequest { reason: format!("a letter from {KIM}"), ..request(&["Kim.Vos@example.com"]) });
    assert!(named.starts_with("the reason names the contact") && !named.contains(KIM), "{named}");
}
