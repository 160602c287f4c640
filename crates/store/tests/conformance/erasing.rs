//! What erasing a contact asks of the store.

use std::collections::HashSet;

use salesdash_language::identity::Subject;
use salesdash_records::{Row, Rows};
use salesdash_store::deliveries::{Delivery, ModelVerdict, NewModel, Verdict};
use salesdash_store::erasing::{Find, REFERRING};
use salesdash_store::records::RecordFilter;
use salesdash_value::{Id, Instant, RecordKind, Text, Value};

use crate::harness::{Database, Installation};

fn key(digit: char) -> String {
    format!("hmac:{}", String::from(digit).repeat(64))
}

fn row(kind: RecordKind, number: u8, fields: &[(&'static str, &str)]) -> Row {
    let mut all = vec![(
        Text::new(if kind == RecordKind::Activity { "moment" } else { "started_at" }),
        Value::Datetime(Instant::from_second(number.into()).unwrap()),
    )];
    all.extend(fields.iter().map(|(name, value)| (Text::new(*name), Value::from(*value))));
    let external_id = Text::new(format!("r{number}"));
    Row { subject: Subject::Record(kind), id: Id([number; 16]), external_id, fields: all, locked: Vec::new(), execution: number.into() }
}

pub fn what_a_job_finds_is_noted_once_and_forgotten(database: &impl Database) {
    let Installation { store, tenant, .. } = Installation::new(database);
    store
        .write(tenant, |scope| {
            for (job, find, id) in [(1, Find::Model, 7), (1, Find::Model, 3), (1, Find::Payload, 3), (2, Find::Model, 9)] {
                assert!(scope.note_find(job, find, id)?);
            }
            assert!(!scope.note_find(1, Find::Model, 7)?, "it is noted already");
            assert_eq!(scope.finds(1, Find::Model, 0, 10)?, [3, 7]);
            assert_eq!(scope.finds(1, Find::Model, 3, 10)?, [7]);
            assert_eq!(scope.finds(1, Find::Model, 0, 1)?, [3]);
            scope.drop_find(1, Find::Model, 3)?;
            assert_eq!((scope.count_finds(1, Find::Model)?, scope.count_finds(1, Find::Payload)?), (1, 1));
            scope.forget_finds(1)?;
            assert_eq!((scope.count_finds(1, Find::Model)?, scope.count_finds(2, Find::Model)?), (0, 1));
            Ok(())
        })
        .unwrap();
}

pub fn records_lose_a_key_wherever_they_hold_it(database: &impl Database) {
    let Installation { store, tenant, .. } = Installation::new(database);
    let (gone, other) = (key('a'), key('b'));
    let (first, second) = (gone.clone(), other.clone());
    store
        .write(tenant, move |scope| {
            let mut rows = scope.rows_of(1);
            rows.insert(&row(RecordKind::Activity, 1, &[("activity_type", "Lead"), ("contact_key", &first)]))?;
            rows.insert(&row(RecordKind::Activity, 2, &[("activity_type", "Lead"), ("contact_key", &second)]))?;
            rows.insert(&row(RecordKind::Call, 3, &[("phone_number", &first), ("result", "busy")]))?;
            rows.insert(&row(RecordKind::Call, 4, &[("phone_number", &second)]))?;
            let named =
                Row { external_id: Text::new(format!("form|{first}|1")), ..row(RecordKind::Activity, 5, &[("activity_type", "x")]) };
            rows.insert(&named)?;
            rows.insert(&row(RecordKind::Activity, 200, &[("activity_type", "new"), ("contact_key", &first)]))
        })
        .unwrap();
    store
        .write(tenant, move |scope| {
            let keys = [gone.as_str()];
            let extent = scope.extent(1, &keys)?;
            assert_eq!(extent.records, [("activity".to_owned(), 2)]);
            assert_eq!(scope.executions_of_contact(&keys)?, [1, 200]);
            let (holders, last) = scope.holders_after(&Id([0; 16]), &keys, 100)?;
            let held: Vec<_> = holders.iter().map(|holder| (holder.id.0[0], holder.in_fields, holder.in_external_id)).collect();
            assert_eq!((held, last), (vec![(3, true, false), (5, false, true)], Some(Id([200; 16]))));
            assert_eq!(scope.holders_after(&Id([3; 16]), &keys, 1)?.1, Some(Id([4; 16])));
            assert_eq!(scope.holders_after(&Id([200; 16]), &keys, 100)?.1, None);
            for holder in holders {
                scope.detach(holder.id, &keys)?;
            }
            assert!(scope.holders_after(&Id([0; 16]), &keys, 100)?.0.is_empty());
            // What a later execution wrote is new.
            assert_eq!(scope.unlink_contact(&keys, 200, 10)?, 1);
            assert_eq!(scope.unlink_contact(&keys, 200, 10)?, 0);
            assert_eq!(scope.unlink_contact(&keys, 201, 10)?, 1);
            let calls = scope.records(RecordKind::Call, &RecordFilter::default(), None, 10)?.items;
            let told: Vec<_> =
                calls.iter().map(|call| (call.row.field("phone_number").as_text(), call.row.field("result").as_text())).collect();
            assert_eq!(told, [(Some(other.as_str()), None), (None, Some("busy"))]);
            let activities = scope.records(RecordKind::Activity, &RecordFilter::default(), None, 10)?.items;
            let named = activities.iter().find(|found| found.row.field("activity_type").as_text() == Some("x")).unwrap();
            assert!(
                named.row.external_id.starts_with("form|erased-") && named.row.external_id.ends_with("|1"),
                "{}",
                named.row.external_id
            );
            assert_ne!(named.row.id, Id([5; 16]));
            let keys: Vec<_> = activities.iter().filter_map(|found| found.row.field("contact_key").as_text()).collect();
            assert_eq!(keys, [other.as_str()]);
            Ok(())
        })
        .unwrap();
}

pub fn a_source_model_is_erased_and_its_row_stays(database: &impl Database) {
    let Installation { store, tenant, source } = Installation::new(database);
    let (shared, own) = (store.pack(tenant, source, b"{\"s\":1}").unwrap(), store.pack(tenant, source, b"{\"o\":1}").unwrap());
    store
        .write(tenant, move |scope| {
            let (shared_id, own_id) = (scope.store_payload(&shared)?, scope.store_payload(&own)?);
            let mut models = Vec::new();
            for payload in [own_id, shared_id] {
                let delivery = scope.next_id();
                let model = NewModel {
                    key: Some("k".to_owned()),
                    key_hash: 5,
                    version: None,
                    place: 0,
                    digest: 17,
                    verdict: ModelVerdict::Taken,
                    pending: 0,
                    job: None,
                };
                let id = scope.insert_source_model(source, delivery, payload, &model)?;
                let row = Delivery {
                    id: delivery,
                    source,
                    verdict: Verdict::Accepted,
                    reason: None,
                    bytes: 1,
                    records: 1,
                    payload: Some(payload),
                };
                scope.insert_delivery(&row)?;
                models.push(scope.source_model(id)?);
            }
            scope.insert_enrichment(models[0].id, "person", Some(&shared))?;
            assert_eq!(scope.count_kept()?, 4);
            assert_eq!(scope.models_between(0, i64::MAX, 10)?.len(), 2);
            assert_eq!(scope.models_between(models[0].id, i64::MAX, 10)?.len(), 1);
            assert_eq!(scope.enriched_between(0, i64::MAX, 10)?.0, [models[0].id]);
            // The bodies are the records themselves.
            assert!(scope.bodies_between(0, i64::MAX, 10)?.0.is_empty());
            assert_eq!(scope.versions_of(&models[0], i64::MAX)?.len(), 2);
            assert_eq!(scope.versions_of(&models[0], models[1].id)?.len(), 1);

            scope.erase_model(1, &models[0], 99)?;
            scope.erase_delivery(1, models[0].delivery, 99)?;
            let gone = scope.source_model(models[0].id)?;
            assert_eq!((gone.payload, gone.digest, gone.key.as_deref()), (None, 0, Some("k")));
            assert_eq!((scope.erased(gone.id)?, scope.erased(gone.delivery)?, scope.erased(models[1].id)?), (Some(99), Some(99), None));
            assert!(scope.every_enrichment(gone.id)?[0].payload.is_none());
            assert_eq!(scope.delivery(gone.delivery)?.payload, None);
            let mut payloads: HashSet<i64> = scope.finds(1, Find::Payload, 0, 10)?.into_iter().collect();
            assert_eq!(payloads, HashSet::from([shared_id, own_id]));
            for table in REFERRING {
                let (used, _) = scope.referred_to(table, &payloads, 0, 10)?;
                payloads.retain(|payload| !used.contains(payload));
            }
            assert_eq!(payloads, HashSet::from([own_id]), "the other one is somebody else's too");
            assert_eq!(scope.remove_payloads(&[own_id])?, 1);
            assert!(scope.payload(own_id).is_err() && scope.payload(shared_id).is_ok());
            scope.rename_record(&[gone.id], "erased-1", 6)?;
            assert_eq!(scope.source_model(gone.id)?.key.as_deref(), Some("erased-1"));
            Ok(())
        })
        .unwrap();
}
