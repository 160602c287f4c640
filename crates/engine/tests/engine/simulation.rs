//! A seeded simulation: deliveries, repetitions, late ones, retries, pauses, jobs, a full disk and crashes at random steps. Whatever the
//! order, in the end everything accepted is executed exactly once, the ledgers balance, what is stored is what a calm world would have
//! stored, and every execution can be replayed.

use std::collections::BTreeMap;

use salesdash_engine::random::Random;
use salesdash_engine::replay::Verified;
use salesdash_store::attempts::Again;
use salesdash_store::deliveries::Verdict;
use salesdash_store::executions::{Filter, Status};

use crate::world::World;

/// A version of a deal.
fn deal(number: u64, version: u64, broken: bool) -> String {
    let status = if version.is_multiple_of(2) { "won" } else { "open" };
    let amount = if broken { "none".to_owned() } else { format!("{}", number * 100 + version) };
    format!(
        r#"{{"id":"d{number}","updated":"2026-03-01T10:00:{version:02}Z","status":"{status}","owner":"o{}","amount":"{amount}","email":"d{number}@x.example","won_at":"2026-02-{:02}T00:00:00Z","visits":["2026-01-{:02}T10:00:00Z"]}}"#,
        number % 3,
        version + 1,
        version + 1
    )
}

struct Run {
    world: World,
    random: Random,
    /// The newest version of each deal that was accepted.
    newest: BTreeMap<u64, u64>,
    accepted: Vec<i64>,
    log: Vec<String>,
}

impl Run {
    fn new(seed: u64) -> Self {
        Self { world: World::new(), random: Random::new(seed), newest: BTreeMap::new(), accepted: Vec::new(), log: Vec::new() }
    }

    fn post(&mut self, number: u64, version: u64, broken: bool) {
        let answer = self.world.post(&deal(number, version, broken));
        match answer.status {
            202 => {
                self.accepted.push(answer.delivery.unwrap());
                let newest = self.newest.entry(number).or_default();
                *newest = version.max(*newest);
            }
            503 => {}
            other => panic!("{other}: {answer:?}"),
        }
    }

    /// Runs a few of those that wait, and leaves the rest.
    fn some(&mut self) {
        for _ in 0..self.random.below(4) {
            self.world.engine.drain_one();
        }
    }

    fn step(&mut self) {
        let what = self.random.below(100);
        self.log.push(format!("{what}"));
        match what {
            0..45 => {
                let number = self.random.below(8);
                let next = self.newest.get(&number).map_or(1, |newest| newest + 1);
                // Some are late, some come again.
                let version = if self.random.chance(1, 4) { 1 + self.random.below(next) } else { next };
                let broken = self.random.chance(1, 6);
                if version < 50 {
                    self.post(number, version, broken);
                }
            }
            45..75 => self.some(),
            75..80 => drop(self.world.engine.drain()),
            80..88 => {
                // A crash: whatever was not committed is gone, whatever was waiting for its commit is gone or not.
                let world = std::mem::replace(&mut self.world, World::placeholder());
                self.world = world.crashed();
            }
            88..91 => {
                let failures = Filter { status: Some(Status::Failed), ..Filter::default() };
                self.world.engine.retry_matching(self.world.tenant, &failures, &Again::newest("tests")).unwrap();
            }
            91..94 => {
                let ids: Vec<i64> = self.world.executions().iter().map(|execution| execution.id).collect();
                if !ids.is_empty() {
                    let one = *self.random.pick(&ids);
                    self.world.engine.run_again(self.world.tenant, &[one], &Again::newest("tests")).unwrap();
                }
            }
            94..96 => {
                let (source, enabled) = (self.world.source, self.random.chance(1, 2));
                let store = &self.world.store;
                store.write(self.world.tenant, move |scope| scope.update_source(source, "Deals", "{}", enabled, None)).unwrap();
                self.world.engine.changed(self.world.tenant);
            }
            96..98 => {
                // The disk is full for a while: nothing that was accepted is lost.
                let pages = self.world.store.database().size() / 4096;
                self.world.store.database().limit_pages(i64::try_from(pages).unwrap()).unwrap();
                for _ in 0..3 {
                    let number = self.random.below(8);
                    let next = self.newest.get(&number).map_or(1, |newest| newest + 1);
                    if next < 50 {
                        self.post(number, next, false);
                    }
                }
                self.some();
                self.world.store.database().limit_pages(1 << 30).unwrap();
            }
            _ => {
                self.world.pass(40);
                self.world.engine.tick().unwrap();
            }
        }
        self.world.pass(1);
    }

    /// Lets everything come to rest, and checks what must hold.
    fn rest(&mut self) {
        let source = self.world.source;
        self.world.store.write(self.world.tenant, move |scope| scope.update_source(source, "Deals", "{}", true, None)).unwrap();
        self.world.engine.changed(self.world.tenant);
        for _ in 0..5 {
            self.world.pass(60);
            self.world.engine.drain();
        }
        let ledger = self.world.ledger();
        assert!(ledger.contains(" 0 waiting "), "{ledger}");
        assert!(self.world.store.waiting().unwrap().is_empty());
        // What was accepted is there, each once.
        let paging = salesdash_store::Paging { limit: 500, ..Default::default() };
        let stored = self.world.store.read(self.world.tenant, |scope| scope.deliveries(None, None, paging)).unwrap().items;
        let mut stored: Vec<i64> =
            stored.iter().filter(|delivery| delivery.verdict != Verdict::Rejected).map(|delivery| delivery.id).collect();
        stored.sort_unstable();
        for accepted in &self.accepted {
            assert!(stored.binary_search(accepted).is_ok(), "delivery {accepted} was accepted and is gone");
        }
        for execution in self.world.executions() {
            let expected = if execution.status == Status::Stale { Verified::NotEvaluated } else { Verified::Yes };
            let verified = self.world.engine.trace(self.world.tenant, execution.id, false).unwrap().verified;
            assert_eq!(verified, expected, "{execution:?}");
        }
    }
}

/// What a calm world stores, to which the same records are sent in the order in which they counted.
fn calm(world: &World) -> String {
    let calm = World::new();
    for execution in world.executions() {
        let record = world.engine.record(world.tenant, execution.source_model).unwrap().record;
        if execution.status != Status::Stale {
            calm.send(&salesdash_value::json::to_string(&record));
        }
    }
    calm.records()
}

fn simulate(seed: u64) {
    let mut run = Run::new(seed);
    for _ in 0..120 {
        run.step();
    }
    run.rest();
    let (stormy, calm) = (run.world.records(), calm(&run.world));
    let differs = |left: &str, right: &str| left.lines().filter(|line| !right.contains(line)).collect::<Vec<_>>().join("\n");
    let (only, missing) = (differs(&stormy, &calm), differs(&calm, &stormy));
    assert!(only.is_empty() && missing.is_empty(), "seed {seed} ({}):\nonly here:\n{only}\nmissing:\n{missing}", run.log.join(" "));
}

#[test]
fn whatever_happens_everything_accepted_is_executed_exactly_once() {
    // More of them: SIMULATION_SEEDS=1000 cargo nextest run -p salesdash-engine whatever_happens
    let seeds = std::env::var("SIMULATION_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(4);
    for seed in 0..seeds {
        simulate(seed);
    }
}
