//! `kill -9` at random instants under load.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use salesdash_engine::bench::records;
use salesdash_engine::random::Random;

use crate::sender::{Connection, Sent};
use crate::server::{Server, install, look};

/// How often it is killed.
const TIMES: usize = 200;
const SEED: u64 = 20_260_301;
/// Those who send at the same time.
const SENDERS: usize = 4;
/// The longest that it lives.
const MOST_US: u64 = 100_000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// What was acknowledged, and what is still to be sent (again).
#[derive(Default)]
struct Outbox {
    next: AtomicUsize,
    acknowledged: Mutex<BTreeSet<usize>>,
    again: Mutex<Vec<usize>>,
}

impl Outbox {
    /// Sends over one connection until the server is gone.
    fn send(&self, mut connection: Connection, installation: &salesdash_engine::bench::installation::Installation, ended: &AtomicBool) {
        while !ended.load(Ordering::Relaxed) {
            let again = self.again.lock().expect("a list").pop();
            let number = again.unwrap_or_else(|| self.next.fetch_add(1, Ordering::Relaxed));
            match connection.send(installation, number) {
                Sent::Acknowledged => drop(self.acknowledged.lock().expect("a list").insert(number)),
                Sent::Unknown => {
                    self.again.lock().expect("a list").push(number);
                    return;
                }
                Sent::Refused(status, body) => panic!("record {number} was answered {status}: {body}"),
            }
        }
    }
}

/// `SALESDASH_FAULT_SEED` and `SALESDASH_FAULT_TIMES` do it from another seed, and more often.
#[test]
fn killed_at_any_instant_it_loses_nothing_and_does_nothing_twice() {
    let seed = number("SALESDASH_FAULT_SEED").unwrap_or(SEED);
    let times = number("SALESDASH_FAULT_TIMES").map_or(TIMES, |times| times as usize);
    let mut random = Random::new(seed);
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let installation = install(&data);
    let outbox = Outbox::default();
    for _ in 0..times {
        let server = Server::start(&data);
        let ended = AtomicBool::new(false);
        std::thread::scope(|threads| {
            for _ in 0..SENDERS {
                let connection = Connection::open(server.address).expect("it listens");
                threads.spawn(|| outbox.send(connection, &installation, &ended));
            }
            // Not a wait for something: the instant of death is what is random here.
            std::thread::sleep(Duration::from_micros(random.below(MOST_US)));
            server.kill();
            ended.store(true, Ordering::Relaxed);
        });
    }
    // What nobody knows the fate of is sent once more, as any sender would.
    let server = Server::start(&data);
    let mut connection = Connection::open(server.address).expect("it listens");
    for number in outbox.again.lock().expect("a list").drain(..) {
        assert_eq!(connection.send(&installation, number), Sent::Acknowledged);
        outbox.acknowledged.lock().expect("a list").insert(number);
    }
    server.stop();
    let sent = outbox.next.load(Ordering::Relaxed);
    let acknowledged = outbox.acknowledged.into_inner().expect("a list");
    println!("seed {seed}: killed {times} times, {sent} records sent, {} acknowledged", acknowledged.len());
    assert_eq!(acknowledged.len(), sent);
    assert!(sent > times, "too little was sent to tell anything: {sent}");
    let held = look(&data, &installation);
    assert_eq!((held.ledger.waiting, held.ledger.failed, held.ledger.rejected), (0, 0, 0), "{:?}", held.ledger);
    assert_eq!(held.ledger.executed as usize, sent, "{:?}", held.ledger);
    assert_eq!(held.executions.len(), sent);
    for number in acknowledged {
        let key = key(number);
        assert_eq!(held.executions.get(&key), Some(&(1, true)), "record {number}, seed {seed}");
    }
    // Undisturbed, the same records come to the same.
    let undisturbed = folder.path().join("undisturbed");
    let other = install(&undisturbed);
    {
        let store = std::sync::Arc::new(salesdash_store::Store::open_unsynced(&undisturbed).expect("a store"));
        let engine = salesdash_engine::Engine::open(store, salesdash_engine::Options::default()).expect("an engine");
        other.deliver(&engine, 0..sent).expect("delivered");
    }
    assert_eq!(held.records, look(&undisturbed, &other).records);
}

/// What tells a reference record from others.
fn key(number: usize) -> String {
    let record = records::record(number);
    let record = salesdash_value::json::parse(record.as_bytes(), salesdash_value::json::Limits::DEFAULT).expect("JSON");
    record.get("id").and_then(salesdash_value::Value::as_text).expect("an id").to_owned()
}
