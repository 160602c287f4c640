//! Compares reading and writing a CRM record of about 1.5 KB with `serde_json`:
//! `cargo run --release -p salesdash-value --example read_json`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use salesdash_value::json::{self, Limits};

/// Rounds of which the best counts.
const ROUNDS: usize = 15;
/// Readings in one round.
const TIMES: u32 = 10_000;

fn main() {
    let records: Vec<String> = (0..64).map(record).collect();
    let size = records.iter().map(String::len).sum::<usize>() / records.len();
    let values: Vec<_> = records.iter().map(|record| json::parse(record.as_bytes(), Limits::DEFAULT).expect("JSON")).collect();
    let theirs: Vec<serde_json::Value> = records.iter().map(|record| serde_json::from_str(record).expect("JSON")).collect();
    println!("a record of {size} bytes");
    compare(
        "read",
        |index| drop(black_box(json::parse(black_box(records[index].as_bytes()), Limits::DEFAULT))),
        |index| drop(black_box(serde_json::from_slice::<serde_json::Value>(black_box(records[index].as_bytes())))),
    );
    compare(
        "write",
        |index| drop(black_box(json::to_string(black_box(&values[index])))),
        |index| drop(black_box(serde_json::to_string(black_box(&theirs[index])))),
    );
}

/// Both in turns, so that what slows the machine down slows down both.
fn compare(what: &str, mut ours: impl FnMut(usize), mut theirs: impl FnMut(usize)) {
    let (mut our_best, mut their_best) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        our_best = our_best.min(round(&mut ours));
        their_best = their_best.min(round(&mut theirs));
    }
    let ratio = their_best.as_secs_f64() / our_best.as_secs_f64();
    println!("{what}: {:?}, serde_json {:?}: {ratio:.2} times as fast", our_best / TIMES, their_best / TIMES);
}

fn round(work: &mut impl FnMut(usize)) -> Duration {
    let start = Instant::now();
    (0..TIMES as usize).for_each(|index| work(index % 64));
    start.elapsed()
}

fn record(seed: usize) -> String {
    let fields: Vec<String> = (0..10)
        .map(|index| {
            format!(
                r#"{{"id":"cf_{:012x}","name":"Custom field {index}","fieldValue":"value {} of {seed}"}}"#,
                seed * 31 + index,
                index * 7
            )
        })
        .collect();
    format!(
        r#"{{"id":"opp_{seed:016x}","name":"Deal {seed} — Büro \"Nord\"","status":"won","monetaryValue":"{}.50","probability":0.{seed:02},"pipelineId":"VDm7RPYC2GLUvdpKmBfC","pipelineStageId":"e93ba61a-53b3-45e7-985a-c7732dbcdb69","assignedTo":"user_{seed:08}","source":"website","createdAt":"2024-05-0{}T08:12:44.000Z","updatedAt":"2024-06-1{}T10:00:00.000Z","lastStatusChangeAt":"2024-06-01T12:30:15.123Z","lostReasonId":null,"followers":[],"archived":false,"position":{seed},"contact":{{"id":"contact_{seed:010}","name":"Person {seed}","email":"person{seed}@example.com","phone":"+3161234{seed:04}","companyName":"Example B.V.","tags":["lead","2024","warm"],"address":{{"street":"Example street {seed}","city":"Utrecht","country":"NL","postalCode":"35{seed:02} AB"}}}},"customFields":[{}]}}"#,
        1000 + seed,
        seed % 9 + 1,
        seed % 10,
        fields.join(","),
    )
}
