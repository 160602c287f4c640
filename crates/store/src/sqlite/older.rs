//! What older versions stored is carried over.

use std::collections::HashSet;

use rusqlite::{Connection, params as values};
use zstd::dict::EncoderDictionary;

use super::{FILE, dialect};
use crate::deliveries::ModelVerdict;
use crate::executions::{Filter, RecordKey, Status};
use crate::schema::MIGRATIONS;
use crate::{Paging, Store};

/// Migrations up to the one that gave what arrives together one number.
const BEFORE: usize = 10;

/// The statements of migrations that make or change a table, each with the table.
fn changes(migrations: &'static [&str]) -> impl Iterator<Item = (&'static str, &'static str)> {
    migrations.iter().flat_map(|migration| migration.split(";\n")).map(str::trim).filter_map(|statement| {
        let words: Vec<&str> = statement.split_whitespace().take(5).collect();
        match words[..] {
            ["CREATE" | "ALTER", "TABLE", table, ..] | ["CREATE", "INDEX", _, "ON", table] => Some((table, statement)),
            _ => None,
        }
    })
}

/// Puts the tables that have changed since back to what they were. They must hold nothing yet.
fn take_back(connection: &Connection) {
    let changed: HashSet<&str> = changes(&MIGRATIONS[BEFORE..]).map(|(table, _)| table).collect();
    for table in &changed {
        connection.execute(&format!("DROP TABLE {table}"), []).unwrap();
    }
    for (_, statement) in changes(&MIGRATIONS[..BEFORE]).filter(|(table, _)| changed.contains(table)) {
        connection.execute(&dialect(statement), []).unwrap();
    }
    connection.pragma_update(None, "user_version", BEFORE as i64).unwrap();
}

#[test]
fn what_arrived_at_an_older_version_is_all_there_and_what_it_knew_is_known() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let tenant = store.create_tenant("Acme", "{}").unwrap().id;
    let source = store
        .write(tenant, |scope| {
            let provider = scope.create_provider("webhook", "Forms", "{}", None)?.id;
            Ok(scope.create_source(provider, "webhook", "Leads", "lead", "{}", None)?.0.id)
        })
        .unwrap();
    let vault = store.vault(tenant).unwrap();
    drop(store);

    let connection = Connection::open(directory.path().join(FILE)).unwrap();
    take_back(&connection);
    // Two payloads under addresses of 24 bytes: one compressed by itself, the other with a dictionary of whole payloads.
    let (first, second) = (br#"{"id":"k","n":1}"#, br#"{"id":"k","n":2,"text":"something long that the dictionary knows"}"#);
    let dictionary = br#"{"id":"","n":,"text":"something long that the dictionary knows"}"#;
    let sealed = vault.seal("dictionary", dictionary).unwrap();
    connection.execute("INSERT INTO dictionaries VALUES (?1, 7, ?2, ?3)", values![tenant, source, sealed]).unwrap();
    let prepared = EncoderDictionary::copy(dictionary, 3);
    let mut with_dictionary = zstd::bulk::Compressor::with_prepared_dictionary(&prepared).unwrap();
    let compressed = [zstd::bulk::compress(first, 3).unwrap(), with_dictionary.compress(second).unwrap()];
    for (id, content, compressed, of) in [(102, &first[..], &compressed[0], 0), (112, &second[..], &compressed[1], 7)] {
        let mut address = vault.address(content).to_vec();
        address.extend([9; 8]);
        let sealed = vault.seal_payload(&address, of, compressed).unwrap();
        connection.execute("INSERT INTO payloads VALUES (?1, ?2, ?3, ?4, ?5)", values![tenant, id, address, of, sealed]).unwrap();
    }
    let hash = 0x1234_5678_9abc_def1_u64.cast_signed();
    let model = "INSERT INTO source_models VALUES (?1, ?2, ?3, 'k', ?4, ?5, ?6, 0, ?7, ?2, 1, 0, 0, ?8)";
    connection.execute(model, values![tenant, 103, source, hash, "2026-03-01T10:00:00.250Z", 101, 102, None::<i64>]).unwrap();
    connection.execute(model, values![tenant, 113, source, hash, "v2", 111, 112, 55]).unwrap();
    connection.execute(model, values![tenant, 114, source, -hash, None::<String>, 111, None::<i64>, None::<i64>]).unwrap();
    for (id, payload) in [(101, Some(102)), (111, None)] {
        connection.execute("INSERT INTO deliveries VALUES (?1, ?2, ?3, 1, NULL, 9, 1, ?4)", values![tenant, id, source, payload]).unwrap();
    }
    let execution = "INSERT INTO executions (tenant, id, source_model, link, version, constants, status, at, took, digest, job) \
                     VALUES (?1, ?2, ?3, 5, 1, 1, ?4, ?5, 3, ?6, ?7)";
    connection.execute(execution, values![tenant, 104, 103, 2, 190, [3u8; 16], None::<i64>]).unwrap();
    connection.execute(execution, values![tenant, 115, 113, 5, 200, [0u8; 0], 55]).unwrap();
    connection.execute(execution, values![tenant, 116, 113, 1, 0, None::<Vec<u8>>, None::<i64>]).unwrap();
    connection.execute("INSERT INTO queue (tenant, id) VALUES (?1, 116)", [tenant]).unwrap();
    drop(connection);

    let store = Store::open(directory.path()).unwrap();
    store.database().verify().unwrap();
    let again = store.pack(tenant, source, first).unwrap();
    store
        .write(tenant, move |scope| {
            assert_eq!(scope.store_payload(&again)?, 102, "the same content is stored once");
            assert_eq!((scope.payload(102)?, scope.payload(112)?), (first.to_vec(), second.to_vec()));
            let [one, two, three] = [103, 113, 114].map(|id| scope.source_model(id).unwrap());
            assert_eq!((one.version.as_deref(), one.delivery, one.payload), (Some("2026-03-01T10:00:00.250Z"), 101, Some(102)));
            assert_eq!((two.version.as_deref(), two.delivery, two.payload), (Some("v2"), 111, Some(112)));
            assert_eq!((three.version, three.payload, three.verdict), (None, None, ModelVerdict::Taken));
            let newest = scope.newest_of_key(source, hash >> 32, "k")?.unwrap();
            assert_eq!((newest.id, newest.digest, newest.job), (113, 113, Some(55)));
            let ids = |models: Vec<crate::deliveries::SourceModel>| models.into_iter().map(|model| model.id).collect::<Vec<_>>();
            assert_eq!((ids(scope.models_of_delivery(101)?), scope.delivery(101)?.payload), (vec![103], Some(102)));
            assert_eq!(ids(scope.versions_of(&two, i64::MAX)?), [103, 113]);
            assert_eq!(scope.count_brought(55)?, 1);
            let ran = scope.execution(104)?;
            assert_eq!((ran.source_model, ran.at, ran.took, ran.digest), (103, 190, 3, Some(vec![3; 16])));
            let waits = scope.execution(116)?;
            assert_eq!((waits.source_model, waits.at, waits.status), (113, 0, Status::Waiting));
            let of = |executions: Vec<crate::executions::Execution>| executions.into_iter().map(|one| one.id).collect::<Vec<_>>();
            assert_eq!(of(scope.executions_of_model(113)?), [115, 116]);
            assert_eq!(scope.last_execution(113, 5)?.map(|one| one.id), Some(115));
            let filters = [
                (Filter { source_model: Some(113), ..Filter::default() }, vec![116, 115]),
                (Filter { status: Some(Status::Failed), ..Filter::default() }, vec![115]),
                (Filter { job: Some(55), ..Filter::default() }, vec![115]),
                (Filter { links: Some(vec![5]), ..Filter::default() }, vec![116, 115, 104]),
                (Filter { key: Some(RecordKey { hash: hash >> 32, text: "k".to_owned() }), ..Filter::default() }, vec![116, 115, 104]),
            ];
            for (filter, expected) in filters {
                assert_eq!(of(scope.executions(&filter, Paging::default())?.items), expected, "{filter:?}");
            }
            // An older row is referred to by its own number, and a new one by none.
            let used = scope.payloads_in_use(200, 0)?;
            assert_eq!(used, [102, 112].into());
            Ok(())
        })
        .unwrap();
    let waiting: Vec<_> =
        store.waiting_in_order().unwrap().into_iter().map(|one| (one.execution, one.source_model, one.key_hash)).collect();
    assert_eq!(waiting, [(116, 113, Some(hash >> 32))]);
}
