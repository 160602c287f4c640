//! The reference mapping in Vector's VRL, timed as `salesdash bench evaluate run` times ours: the processor time of one thread, the best of
//! several rounds, with the allocator and the optimisation that SalesDash is built with.
//!
//! Usage: `vrl-reference-mapping RECORDS`, where RECORDS holds the reference records, one a line.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};
use vrl::compiler::state::RuntimeState;
use vrl::compiler::{Context, Program, TargetValue, TimeZone, compile};
use vrl::value::{Secrets, Value};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How often each contender runs.
const ROUNDS: usize = 15;
/// The mapping. Unlike ours, it computes no ids of records, and its numbers are binary floats.
const MAPPING: &str = include_str!("mapping.vrl");

/// Does something for each item, several times; gives the microseconds of one item in the best round.
fn best<T>(items: &[T], mut work: impl FnMut(&T)) -> f64 {
    let used = || clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map_or(Duration::ZERO, Duration::from);
    let rounds = (0..ROUNDS).map(|_| {
        let start = used();
        items.iter().for_each(&mut work);
        used().saturating_sub(start).as_secs_f64()
    });
    rounds.fold(f64::INFINITY, f64::min) * 1e6 / items.len() as f64
}

fn run(program: &Program, value: Value) -> Value {
    let mut target = TargetValue { value, metadata: Value::Object(BTreeMap::new()), secrets: Secrets::default() };
    let mut state = RuntimeState::default();
    let zone = TimeZone::default();
    program.resolve(&mut Context::new(&mut target, &mut state, &zone)).expect("the mapping runs over every reference record");
    target.value
}

fn main() {
    let path = std::env::args().nth(1).expect("the file of the reference records");
    let records = std::fs::read_to_string(path).expect("a readable file");
    let texts: Vec<&str> = records.lines().collect();
    let program = compile(MAPPING, &vrl::stdlib::all()).expect("the mapping compiles").program;
    let values: Vec<Value> = texts.iter().map(|text| serde_json::from_str(text).expect("a record")).collect();

    let copy = best(&values, |value| drop(black_box(value.clone())));
    let evaluate = best(&values, |value| drop(black_box(run(&program, black_box(value.clone())))));
    let parse = best(&texts, |text| drop(black_box(serde_json::from_str::<serde_json::Value>(black_box(text)))));
    let mut out = Vec::new();
    let whole = best(&texts, |text| {
        let value = serde_json::from_str::<Value>(black_box(text)).expect("a record");
        serde_json::to_writer(&mut out, &run(&program, value)).expect("it is written to memory");
        black_box(&out);
        out.clear();
    });
    println!("evaluating a parsed record                {:6.2} µs, and {copy:.2} µs for the copy of the record that it changes", evaluate - copy);
    println!("from JSON text to effects as JSON text    {whole:6.2} µs");
    println!("serde_json reading a record into a Value  {parse:6.2} µs (without `preserve_order`)");
}
