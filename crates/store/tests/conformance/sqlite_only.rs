//! Faults of the embedded database.

use rusqlite::TransactionBehavior;
use salesdash_store::{Store, StoreError};

use crate::harness::{Database, Installation, Sqlite};

const FILE: &str = "salesdash.db";

#[test]
fn a_locked_database_is_an_error_for_all_that_wait_and_loses_nothing() {
    let database = Sqlite::new();
    let installation = Installation::new(&database);
    installation.deliver(1).unwrap();
    installation.store.database().limit_wait(0).unwrap();
    let mut other = rusqlite::Connection::open(database.directory.path().join(FILE)).unwrap();
    let lock = other.transaction_with_behavior(TransactionBehavior::Exclusive).unwrap();
    for id in 2..5 {
        assert_eq!(installation.deliver(id), Err(StoreError::Locked));
    }
    assert_eq!(installation.delivered(), [1], "reading goes on");
    drop(lock);
    installation.deliver(5).unwrap();
    assert_eq!(installation.delivered(), [1, 5]);
}

#[test]
fn a_full_disk_is_an_error_until_there_is_space() {
    let database = Sqlite::new();
    let installation = Installation::new(&database);
    installation.store.database().limit_pages(1).unwrap();
    let long = |id: i64| {
        let mut row = crate::harness::delivery(id, installation.source);
        row.reason = Some("x".repeat(2000));
        installation.store.write(installation.tenant, move |scope| scope.insert_delivery(&row))
    };
    let stored = (1..10_000).take_while(|id| long(*id).is_ok()).last().unwrap_or(0);
    assert!(stored < 9_999);
    for id in [20_000, 20_001, 20_002] {
        assert_eq!(long(id), Err(StoreError::Full), "it stays an error, and the writer stays");
    }
    assert_eq!(installation.delivered(), (1..=stored).collect::<Vec<_>>());
    installation.store.database().limit_pages(1_000_000).unwrap();
    long(30_000).unwrap();
    drop(installation);
    database.open().unwrap().database().verify().unwrap();
}

#[test]
fn a_newer_schema_is_refused_and_left_as_it_is() {
    let database = Sqlite::new();
    drop(Installation::new(&database));
    let path = database.directory.path().join(FILE);
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 999).unwrap();
    let error = database.open().err().unwrap();
    assert!(matches!(error, StoreError::Newer { found: 999, .. }));
    assert!(error.to_string().contains("start the newer version"));
    let found: i64 = rusqlite::Connection::open(&path).unwrap().query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(found, 999);
}

#[test]
fn a_damaged_file_is_reported_as_such() {
    let database = Sqlite::new();
    let installation = Installation::new(&database);
    for id in 1..500 {
        installation.deliver(id).unwrap();
    }
    installation.store.database().checkpoint().unwrap();
    drop(installation);
    let path = database.directory.path().join(FILE);
    let sound = std::fs::read(&path).unwrap();
    let mut damaged = sound.clone();
    damaged[..16].copy_from_slice(b"not a database!!");
    std::fs::write(&path, &damaged).unwrap();
    assert!(matches!(database.open(), Err(StoreError::Damaged(_))));
    let mut damaged = sound;
    for page in damaged.chunks_mut(4096).skip(8) {
        page[..8].fill(0xff);
    }
    std::fs::write(&path, &damaged).unwrap();
    let opened = database.open().and_then(|store| store.database().verify());
    assert!(matches!(opened, Err(StoreError::Damaged(_))), "{opened:?}");
}

#[test]
fn a_directory_that_cannot_be_written_is_reported_as_such() {
    let database = Sqlite::new();
    let file = database.directory.path().join("occupied");
    std::fs::write(&file, "").unwrap();
    let error = Store::open(&file).err().unwrap();
    assert!(matches!(error, StoreError::ReadOnly(_)), "{error:?}");
}

#[test]
fn a_second_opening_is_refused_as_long_as_the_first_lasts() {
    let database = Sqlite::new();
    let first = database.open().unwrap();
    assert!(matches!(database.open(), Err(StoreError::InUse(_))));
    drop(first);
    database.open().unwrap();
}

#[test]
fn the_master_key_is_changed_while_the_installation_is_in_use() {
    use salesdash_store::rotation::rotate_master_key;
    let database = Sqlite::new();
    let installation = Installation::new(&database);
    let path = database.directory.path();
    let old = std::fs::read(path.join("master.key")).unwrap();
    assert_eq!(rotate_master_key(path), Ok(1));
    assert_ne!(std::fs::read(path.join("master.key")).unwrap(), old);
    installation.deliver(1).unwrap();
    let secrets = |store: &Store| store.read(installation.tenant, |scope| scope.source_secrets(installation.source)).unwrap().1.unwrap();
    let address = secrets(&installation.store);
    drop(installation.store.clone());
    let crashed = database.crashed();
    assert_eq!(secrets(&crashed.open().unwrap()), address, "with the new key, what was encrypted before is read");
    // The old key does not fit any more.
    let stale = database.crashed();
    std::fs::write(stale.directory.path().join("master.key"), old).unwrap();
    assert!(matches!(stale.open(), Err(StoreError::Key(_))));
}

#[test]
fn a_change_of_the_master_key_that_was_cut_off_is_ended_when_the_installation_is_opened() {
    use salesdash_store::rotation::rotate_master_key;
    let database = Sqlite::new();
    drop(Installation::new(&database));
    let path = database.directory.path();
    let (key, next) = (path.join("master.key"), path.join("master.key.new"));
    let old = std::fs::read(&key).unwrap();
    rotate_master_key(path).unwrap();
    // As it was before the new key took the place of the old one.
    std::fs::rename(&key, &next).unwrap();
    std::fs::write(&key, &old).unwrap();
    drop(database.open().unwrap());
    assert!(!next.exists());
    assert_ne!(std::fs::read(&key).unwrap(), old);
    // Cut off before anything was wrapped: the new key waits, and the next call goes on with it.
    std::fs::write(&next, "ab".repeat(32)).unwrap();
    drop(database.open().unwrap());
    assert_eq!(rotate_master_key(path), Ok(1));
    assert_eq!(std::fs::read_to_string(&key).unwrap(), "ab".repeat(32));
    drop(database.open().unwrap());
}

#[test]
fn counts_of_records_are_made_of_what_an_older_version_stored() {
    use salesdash_records::{Row, Rows};
    use salesdash_value::{Id, Identity, IdentityKind, Instant, RecordKind, Text, Value};

    let database = Sqlite::new();
    let Installation { store, tenant, .. } = Installation::new(&database);
    store
        .write(tenant, |scope| {
            let identity = |kind: IdentityKind, number: u8| {
                let (external_id, external_name) = (Text::new("x"), Text::new("x"));
                Value::Identity(Identity { kind, id: Id([number; 16]), external_id, external_name }.into())
            };
            for (number, kind, named) in [
                (1, RecordKind::Activity, vec![("agent_external_identity", identity(IdentityKind::Agent, 1))]),
                (
                    2,
                    RecordKind::Activity,
                    vec![
                        ("agent_external_identity", identity(IdentityKind::Agent, 1)),
                        ("team_external_identity", identity(IdentityKind::Team, 2)),
                        ("project_external_identity", identity(IdentityKind::Project, 3)),
                    ],
                ),
                (
                    3,
                    RecordKind::AnonymousActivity,
                    vec![
                        ("segment_external_identity", identity(IdentityKind::Segment, 4)),
                        ("proposition_external_identity", identity(IdentityKind::Proposition, 5)),
                    ],
                ),
            ] {
                let moment = (Text::new("moment"), Value::Datetime(Instant::from_second(1).unwrap()));
                let fields = named.into_iter().map(|(name, value)| (Text::new(name), value)).chain([moment]).collect();
                let subject = salesdash_language::identity::Subject::Record(kind);
                let row =
                    Row { subject, id: Id([100 + number; 16]), external_id: Text::new("r"), fields, locked: Vec::new(), execution: 1 };
                scope.rows_of(1).insert(&row)?;
            }
            Ok(())
        })
        .unwrap();
    drop(store);
    let connection = rusqlite::Connection::open(database.directory.path().join(FILE)).unwrap();
    let all = || -> Vec<(Vec<u8>, i64, i64)> {
        let mut statement = connection.prepare("SELECT identity, kind, records FROM tallies ORDER BY identity, kind").unwrap();
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap().collect::<rusqlite::Result<_>>().unwrap()
    };
    let kept = all();
    assert_eq!(kept.len(), 7, "{kept:?}");
    connection.execute("DELETE FROM tallies", []).unwrap();
    let migration = salesdash_store::schema::MIGRATIONS.iter().find(|migration| migration.contains("CREATE TABLE tallies")).unwrap();
    for statement in migration.split(";\n").map(str::trim).filter(|statement| statement.starts_with("INSERT INTO tallies")) {
        connection.execute(statement, []).unwrap();
    }
    assert_eq!(all(), kept);
}
