//! What every database must do for the store.

use std::sync::Arc;

use salesdash_language::identity::Subject;
use salesdash_records::{Row, Rows};
use salesdash_store::browse::{Linked, RecordFilter};
use salesdash_store::deliveries::{Delivery, ModelVerdict, NewModel, Verdict};
use salesdash_store::executions::{Filter, Finished, Status};
use salesdash_store::ledger::Ledger;
use salesdash_store::{Paging, Store, StoreError};
use salesdash_value::{Id, Identity, IdentityKind, RecordKind, Text, Value};

struct Installation {
    store: Store,
    tenant: i64,
    source: i64,
    directory: tempfile::TempDir,
}

fn installation() -> Installation {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let tenant = store.create_tenant("Acme", "{}").unwrap().id;
    let source = store
        .write(tenant, |scope| {
            let provider = scope.create_provider("webhook", "Forms", "{}", Some("secret-credential"))?;
            Ok(scope.create_source(provider.id, "webhook", "Leads", "lead", "{}", Some("secret-key"))?.0.id)
        })
        .unwrap();
    Installation { store, tenant, source, directory }
}

fn delivery(id: i64, source: i64) -> Delivery {
    Delivery { id, source, verdict: Verdict::Accepted, reason: None, bytes: 2, records: 1, payload: None }
}

#[test]
fn what_is_written_is_there_after_a_restart() {
    let Installation { store, tenant, source, directory } = installation();
    let packed = store.pack(tenant, source, b"{\"email\":\"kim@example.com\"}").unwrap();
    let again = packed.clone();
    let (first, second) = store.write(tenant, move |scope| Ok((scope.store_payload(&packed)?, scope.store_payload(&again)?))).unwrap();
    assert_eq!(first, second, "the same content is stored once");
    drop(store);
    let store = Store::open(directory.path()).unwrap();
    assert_eq!(store.read(tenant, |scope| scope.payload(first)).unwrap(), b"{\"email\":\"kim@example.com\"}");
    assert_eq!(store.read(tenant, |scope| scope.source_secrets(source)).unwrap().0.as_deref(), Some("secret-key"));
}

#[test]
fn secrets_and_payloads_are_encrypted_in_the_file() {
    let Installation { store, tenant, source, directory } = installation();
    let packed = store.pack(tenant, source, b"personal: kim@example.com").unwrap();
    store
        .write(tenant, move |scope| {
            scope.store_payload(&packed)?;
            scope.create_entity(IdentityKind::Agent, "Kim Personal", Some("kim@example.com"))?;
            let row = Row {
                subject: Subject::Identity(IdentityKind::Agent),
                id: Id([7; 16]),
                external_id: Text::new("u1"),
                fields: vec![(Text::new("external_name"), "Kim Personal".into()), (Text::new("email"), "kim@example.com".into())],
                locked: Vec::new(),
                execution: 1,
            };
            scope.rows_of(1).insert(&row)
        })
        .unwrap();
    let url = store.read(tenant, |scope| scope.source_secrets(source)).unwrap().1.unwrap();
    store.database().checkpoint().unwrap();
    let file = std::fs::read(directory.path().join("salesdash.db")).unwrap();
    for secret in ["kim@example.com", "Kim Personal", "secret-key", "secret-credential", &url] {
        assert!(!file.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
    }
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(directory.path().join("master.key")).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_dictionary_makes_payloads_smaller_and_is_there_after_a_restart() {
    let Installation { store, tenant, source, directory } = installation();
    let content = |number: usize| {
        format!(
            "{{\"id\":\"opp-{number}\",\"status\":\"open\",\"pipeline\":\"Sales\",\"contact\":{{\"city\":\"Utrecht\",\"n\":{}}}}}",
            number * 7919
        )
    };
    let before = store.pack(tenant, source, content(0).as_bytes()).unwrap();
    for number in 1..=salesdash_store::payload::TRAINING_SAMPLES {
        store.pack(tenant, source, content(number).as_bytes()).unwrap();
    }
    let after = store.pack(tenant, source, content(0).as_bytes()).unwrap();
    assert_eq!(before.address, after.address);
    assert!(
        after.dictionary != 0 && after.content.len() * 10 < before.content.len() * 9,
        "{} {}",
        before.content.len(),
        after.content.len()
    );
    let id = store.write(tenant, move |scope| scope.store_payload(&after)).unwrap();
    drop(store);
    let store = Store::open(directory.path()).unwrap();
    assert_eq!(store.read(tenant, |scope| scope.payload(id)).unwrap(), content(0).as_bytes());
}

#[test]
fn lists_page_without_gaps_or_repeats() {
    let Installation { store, tenant, source, .. } = installation();
    store.write(tenant, move |scope| (1..=25).try_for_each(|id| scope.insert_delivery(&delivery(id, source)))).unwrap();
    let mut seen = Vec::new();
    let mut cursor = None;
    loop {
        let paging = Paging::new(cursor.as_deref(), Some(10)).unwrap();
        let page = store.read(tenant, |scope| scope.deliveries(Some(source), None, paging)).unwrap();
        seen.extend(page.items.iter().map(|delivery| delivery.id));
        match page.next {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    assert_eq!(seen, (1..=25).rev().collect::<Vec<_>>());
    assert!(Paging::new(Some("no cursor"), None).is_none());
}

#[test]
fn the_ledger_balances_through_failure_and_retry() {
    let Installation { store, tenant, source, .. } = installation();
    let execution = store
        .write(tenant, move |scope| {
            let packed = salesdash_store::payload::Packed { address: [1; 16], dictionary: 0, content: vec![1] };
            let payload = scope.store_payload(&packed)?;
            scope.insert_delivery(&delivery(1, source))?;
            let model = NewModel {
                key: Some("k".into()),
                key_hash: 1,
                version: Some("2".into()),
                place: 0,
                digest: 5,
                verdict: ModelVerdict::Taken,
                pending: 1,
                job: None,
            };
            let model = scope.insert_source_model(source, 1, payload, &model)?;
            scope.add_to_ledger(source, &Ledger { received: 1, waiting: 1, ..Ledger::default() })?;
            scope.insert_execution(model, 9, 1, 1, None)
        })
        .unwrap();
    assert_eq!(store.waiting().unwrap(), vec![(tenant, execution)]);
    let finish = |status: Status, failed: bool| {
        store
            .write(tenant, move |scope| {
                assert!(scope.dequeue(execution)?);
                let row = scope.execution(execution)?;
                let error = failed.then(|| ("E202".to_owned(), "won".to_owned(), "`deal.won_at` is empty".to_owned()));
                let reads = Some("[]".to_owned());
                let finished = Finished {
                    status,
                    version: 1,
                    constants: 1,
                    at: 5,
                    took: 7,
                    context: None,
                    digest: vec![1; 16],
                    outcome: vec![],
                    reads,
                    error,
                };
                scope.finish_execution(execution, &finished)?;
                scope.settle(source, row.source_model, failed)
            })
            .unwrap();
    };
    let ledgers = || store.read(tenant, |scope| Ok((scope.ledger(source)?, scope.counted_ledger(source)?))).unwrap();
    finish(Status::Failed, true);
    let (kept, counted) = ledgers();
    assert_eq!(kept, Ledger { received: 1, failed: 1, ..Ledger::default() });
    assert_eq!(kept, counted);
    store
        .write(tenant, move |scope| {
            let row = scope.requeue(execution, &salesdash_store::attempts::Again::newest("tests"))?;
            assert_eq!(scope.reads_of(&row)?.as_deref(), Some("[]"));
            scope.unsettle(source, row.source_model, true)
        })
        .unwrap();
    let (kept, counted) = ledgers();
    assert_eq!(kept, Ledger { received: 1, waiting: 1, ..Ledger::default() });
    assert_eq!(kept, counted);
    finish(Status::Succeeded, false);
    let (kept, counted) = ledgers();
    assert!(kept.balances() && kept == counted && kept.executed == 1);
    assert!(store.waiting().unwrap().is_empty());
    let failed =
        store.read(tenant, |scope| scope.executions(&Filter { status: Some(Status::Failed), ..Filter::default() }, Paging::default()));
    assert!(failed.unwrap().items.is_empty());
    let newest = store.read(tenant, |scope| scope.newest_of_key(source, 1, "k")).unwrap().unwrap();
    assert_eq!((newest.version.as_deref(), newest.digest, newest.job), (Some("2"), 5, None));
}

#[test]
fn records_come_back_as_they_went() {
    let Installation { store, tenant, .. } = installation();
    let hash = format!("hmac:{}", "ab".repeat(32));
    let agent = Identity { kind: IdentityKind::Agent, id: Id([1; 16]), external_id: Text::new("u1"), external_name: Text::new("u1") };
    let identity = Row {
        subject: Subject::Identity(IdentityKind::Agent),
        id: agent.id,
        external_id: Text::new("u1"),
        fields: vec![(Text::new("external_name"), "Kim".into())],
        locked: vec![],
        execution: 3,
    };
    let sale = Row {
        subject: Subject::Record(RecordKind::Sale),
        id: Id([2; 16]),
        external_id: Text::new("opp|1"),
        fields: vec![
            (Text::new("moment"), Value::Datetime("2026-03-01T09:30:00.5Z".parse().unwrap())),
            (Text::new("contract_value"), Value::Number(salesdash_value::number::parse("1500.5").unwrap())),
            (Text::new("agent_external_identity"), Value::Identity(Arc::new(agent.clone()))),
            (Text::new("contact_key"), hash.as_str().into()),
            (Text::new("net_value"), Value::Number(salesdash_value::number::parse("12.25").unwrap())),
            (Text::new("status"), "accepted".into()),
        ],
        locked: vec![],
        execution: 3,
    };
    let written = sale.clone();
    let contact = hash.clone();
    store
        .write(tenant, move |scope| {
            let mut rows = scope.rows_of(4);
            rows.insert(&identity)?;
            rows.insert(&written)?;
            rows.lock(&written, "moment", true)?;
            assert_eq!(rows.of_contact(RecordKind::Sale, &contact, None, false)?.len(), 1);
            assert_eq!(rows.of_contact(RecordKind::Call, &contact, None, false)?.len(), 0);
            Ok(())
        })
        .unwrap();
    let read = store.read(tenant, |scope| scope.record(sale.id)).unwrap().unwrap();
    assert_eq!(read.row.locked, ["moment"]);
    for (name, value) in &sale.fields {
        assert!(salesdash_records::same(read.row.field(name), value), "{name}: {:?}", read.row.field(name));
    }
    assert_eq!((read.row.execution, read.provider), (3, 4));
    let list = |filter: &RecordFilter| store.read(tenant, |scope| scope.records(RecordKind::Sale, filter, None, 10)).unwrap().items.len();
    assert_eq!(list(&RecordFilter::default()), 1);
    assert_eq!(list(&RecordFilter { agents: Some(vec![agent.id]), ..RecordFilter::default() }), 1);
    assert_eq!(list(&RecordFilter { execution: Some(4), ..RecordFilter::default() }), 0);
    let unlinked = |linked| store.read(tenant, |scope| scope.identities(IdentityKind::Agent, linked, Paging::default())).unwrap().items;
    assert_eq!(unlinked(Linked::No)[0].row.field("external_name"), &Value::from("Kim"));
    let counts = || store.read(tenant, |scope| scope.record_counts()).unwrap();
    assert_eq!(counts(), vec![(RecordKind::Sale, 1, 0)]);
    let entity = store.write(tenant, |scope| scope.create_entity(IdentityKind::Agent, "Kim", None)).unwrap();
    store.write(tenant, move |scope| scope.link_identity(agent.id, Some(entity.id), false)).unwrap();
    assert!(unlinked(Linked::No).is_empty());
    assert_eq!(counts(), vec![(RecordKind::Sale, 1, 1)], "linking attributes what is stored");
}

#[test]
fn a_tenant_sees_nothing_of_another() {
    let Installation { store, tenant, source, .. } = installation();
    let other = store.create_tenant("Other", "{}").unwrap().id;
    assert_eq!(store.read(other, |scope| scope.source(source)).unwrap_err(), StoreError::Missing("source"));
    assert!(store.read(other, |scope| scope.providers()).unwrap().is_empty());
    assert_eq!(store.read(tenant, |scope| scope.providers()).unwrap().len(), 1);
    let packed = store.pack(tenant, source, b"mine").unwrap();
    let id = store.write(tenant, move |scope| scope.store_payload(&packed)).unwrap();
    assert!(store.read(other, |scope| scope.payload(id)).is_err());
}

#[test]
fn a_spec_saved_twice_from_one_version_is_refused() {
    let Installation { store, tenant, .. } = installation();
    let id = store.write(tenant, |scope| scope.create_processor("Leads", "lead")).unwrap().id;
    let save = |expected| store.write(tenant, move |scope| scope.save_version(id, expected, "kim", None, "{}"));
    assert_eq!(save(0).unwrap().version, 1);
    assert!(matches!(save(0), Err(StoreError::Conflict(_))));
    assert_eq!(save(1).unwrap().version, 2);
}

#[test]
fn tokens_are_found_by_their_secret_only() {
    let Installation { store, tenant, source, .. } = installation();
    let (token, secret) = store.write(tenant, |scope| scope.create_token("ci", "builder", false, None)).unwrap();
    assert_eq!(store.token(&secret).unwrap().map(|found| found.id), Some(token.id));
    assert!(store.token("sd_guess").unwrap().is_none());
    store.write(tenant, move |scope| scope.revoke_token(token.id)).unwrap();
    assert!(store.token(&secret).unwrap().unwrap().revoked.is_some());
    let url = store.read(tenant, |scope| scope.source_secrets(source)).unwrap().1.unwrap();
    assert_eq!(store.route(&url).unwrap().map(|route| (route.tenant, route.source)), Some((tenant, source)));
}

#[test]
fn another_master_key_is_refused() {
    let Installation { store, directory, .. } = installation();
    drop(store);
    std::fs::write(directory.path().join("master.key"), "00".repeat(32)).unwrap();
    assert!(matches!(Store::open(directory.path()), Err(StoreError::Key(_))));
}

#[test]
fn a_backup_can_be_opened() {
    let Installation { store, tenant, source, directory } = installation();
    store.write(tenant, move |scope| scope.insert_delivery(&delivery(1, source))).unwrap();
    let target = tempfile::tempdir().unwrap();
    store.database().backup(&target.path().join("salesdash.db")).unwrap();
    std::fs::copy(directory.path().join("master.key"), target.path().join("master.key")).unwrap();
    let copy = Store::open(target.path()).unwrap();
    assert_eq!(copy.read(tenant, |scope| scope.deliveries(None, None, Paging::default())).unwrap().items.len(), 1);
    store.database().verify().unwrap();
}

#[test]
fn retention_removes_old_payloads_and_keeps_what_hangs_on_them() {
    let Installation { store, tenant, source, .. } = installation();
    let packed = store.pack(tenant, source, b"old").unwrap();
    let (payload, model) = store
        .write(tenant, move |scope| {
            let payload = scope.store_payload(&packed)?;
            let model = NewModel {
                key: None,
                key_hash: 0,
                version: None,
                place: 0,
                digest: 0,
                verdict: ModelVerdict::Taken,
                pending: 0,
                job: None,
            };
            Ok((payload, scope.insert_source_model(source, 1, payload, &model)?))
        })
        .unwrap();
    let forget = |before: i64| {
        let forgotten = store.write(tenant, move |scope| {
            let in_use = scope.payloads_in_use(before, before)?;
            let forgotten = scope.forget_payloads(before, 0, 10, &in_use)?;
            assert_eq!(scope.forget_references(before, 0, 10)?, None);
            Ok(forgotten.removed)
        });
        forgotten.unwrap()
    };
    let known = || store.read(tenant, |scope| scope.source_model(model)).unwrap().payload;
    assert_eq!(forget(payload), 0);
    // The record is newer than what is forgotten, and still needs its payload.
    assert_eq!(forget(payload + 1), 0);
    assert_eq!(known(), Some(payload));
    assert_eq!(forget(store.next_id()), 1);
    assert_eq!(known(), None);
    assert!(store.read(tenant, |scope| scope.payload(payload)).is_err());
}
