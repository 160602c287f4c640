//! `salesdash run` over more than fits in memory.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use crate::support::folder;

/// How much goes through, in bytes.
const THROUGH: usize = 300 << 20;
/// How much memory may be held at most, in KiB.
const HELD: u64 = 64 << 10;

/// The most memory that a process has held so far, in KiB.
fn held(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Sends much through the program: `begin`, then `record` over and over, then `end`.
fn stream(begin: &str, record: &str, end: &str) {
    if !std::path::Path::new("/proc/self/status").exists() {
        eprintln!("skipped: this system does not tell how much memory a process holds");
        return;
    }
    let folder = folder();
    let mut child = folder
        .command(&["run", "spec.json", "--models", "models.json", "--identity-key", "key"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let process = child.id();
    let mut stdin = child.stdin.take().unwrap();
    let stdout = BufReader::with_capacity(1 << 20, child.stdout.take().unwrap());
    let block = record.repeat((1 << 20) / record.len());
    let blocks = THROUGH / block.len();
    let records = block.len() / record.len() * blocks;
    let lines = std::thread::scope(|scope| {
        let reader = scope.spawn(move || stdout.split(b'\n').map(Result::unwrap).filter(|line| line.starts_with(b"{\"record\":")).count());
        stdin.write_all(begin.as_bytes()).unwrap();
        for _ in 0..blocks {
            stdin.write_all(block.as_bytes()).unwrap();
        }
        // It has not ended: it still waits for the rest.
        let held = held(process).expect("the memory of a running process");
        assert!(held < HELD, "{held} KiB are held");
        stdin.write_all(end.as_bytes()).unwrap();
        drop(stdin);
        reader.join().unwrap()
    });
    assert!(child.wait().unwrap().success());
    assert_eq!(lines, records + 1);
}

fn record() -> String {
    format!("{{\"id\": \"1\", \"owner\": \"u1\", \"email\": \"{}\"}}", "x".repeat(20_000))
}

#[test]
fn lines_are_run_in_constant_memory() {
    stream("", &format!("{}\n", record()), &record());
}

#[test]
fn a_list_is_run_in_constant_memory() {
    stream("[", &format!("{},\n", record()), &format!("{}]", record()));
}
