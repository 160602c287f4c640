//! Another program holds the database.

use crate::sender::{Connection, Sent};
use crate::server::{Server, install, look};

#[test]
fn while_the_database_is_locked_senders_are_told_to_try_again_and_nothing_is_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let installation = install(&data);
    let server = Server::start(&data);
    let mut connection = Connection::open(server.address).expect("it listens");
    assert_eq!(connection.send(&installation, 0), Sent::Acknowledged);
    let other = rusqlite::Connection::open(data.join("salesdash.db")).expect("the database");
    other.busy_timeout(std::time::Duration::from_secs(30)).expect("a limit");
    other.execute_batch("BEGIN IMMEDIATE").expect("the lock");
    let Sent::Refused(status, body) = connection.send(&installation, 1) else { panic!("it was not refused") };
    assert_eq!(status, 503, "{body}");
    assert!(body.contains("send it again later"), "{body}");
    other.execute_batch("COMMIT").expect("the lock goes");
    for number in 1..20 {
        assert_eq!(connection.send(&installation, number), Sent::Acknowledged);
    }
    let said = server.stop();
    assert!(said.contains("locked by another program"), "the log does not tell: {said}");
    let held = look(&data, &installation);
    assert_eq!((held.ledger.received, held.ledger.executed), (20, 20), "{:?}", held.ledger);
}

#[test]
fn a_directory_that_is_in_use_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    install(&data);
    let server = Server::start(&data);
    let second = std::process::Command::new(env!("CARGO_BIN_EXE_salesdash"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(&data)
        .output()
        .expect("it ends");
    assert_eq!(second.status.code(), Some(3));
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(said.contains("another process is using"), "{said}");
    server.stop();
}
