//! What the store costs: `cargo run --release -p salesdash-store --example measure`.
//!
//! - `ceiling`: one small row per write, 64 threads that each wait for their answer: what group commit with `FULL` gives at best here.
//! - `pipeline`: the statements of accepting and executing one webhook, and how much of the writer's time they take.
//! - `storage`: the bytes that those keep, by table.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use salesdash_language::identity::Subject;
use salesdash_records::{Row, Rows};
use salesdash_store::deliveries::{Delivery, ModelVerdict, NewModel, Verdict};
use salesdash_store::executions::{Finished, Status};
use salesdash_store::ledger::Ledger;
use salesdash_store::payload::Packed;
use salesdash_store::{Scope, Store};
use salesdash_value::{Id, Identity, IdentityKind, Instant as Moment, RecordKind, Text, Value};

const THREADS: usize = 64;
const CEILING_WRITES: u64 = 100_000;
const PIPELINES: u64 = 20_000;

fn main() {
    ceiling();
    pipeline();
}

fn print_stats(store: &Store, count: u64, took: f64) {
    let stats = store.database().stats();
    println!(
        "  {:.0}/s, {} commits, {:.1} writes each, wait p50 <= {} us, p99 <= {} us, writer busy {:.1} us each, commits {:.1} us each",
        count as f64 / took,
        stats.commits.load(Ordering::Relaxed),
        stats.batch_sizes.sum() as f64 / stats.commits.load(Ordering::Relaxed) as f64,
        stats.wait_times_us.at_most(0.5),
        stats.wait_times_us.at_most(0.99),
        stats.busy_us.load(Ordering::Relaxed) as f64 / count as f64,
        stats.commit_us.load(Ordering::Relaxed) as f64 / count as f64,
    );
}

fn ceiling() {
    let directory = tempfile::tempdir_in(".").expect("a directory");
    let store = Store::open(directory.path()).expect("a store");
    let tenant = store.create_tenant("Acme", "{}").expect("a tenant").id;
    let (next, started) = (AtomicU64::new(0), Instant::now());
    std::thread::scope(|threads| {
        for _ in 0..THREADS {
            threads.spawn(|| {
                while next.fetch_add(1, Ordering::Relaxed) < CEILING_WRITES {
                    store
                        .write(tenant, |scope| {
                            let (id, text) = (scope.next_id(), "{}");
                            scope.insert_event(1, &id.to_be_bytes(), id).map(|()| text)
                        })
                        .expect("a write");
                }
            });
        }
    });
    println!("ceiling: {CEILING_WRITES} writes of one small row, {THREADS} threads");
    print_stats(&store, CEILING_WRITES, started.elapsed().as_secs_f64());
}

/// A generator that gives the same numbers everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % most
    }
}

const WORDS: [&str; 12] = [
    "yes",
    "no",
    "north",
    "call back in spring",
    "flat roof",
    "monthly",
    "two visits",
    "owner",
    "heat pump",
    "webinar",
    "2500 kWh",
    "basic",
];

/// An opportunity of about 1.5 KB.
fn opportunity(number: u64) -> String {
    let mut random = Random(number);
    let fields: Vec<String> = (0..10)
        .map(|_| {
            let field = random.below(24);
            format!(
                "{{\"id\":\"cf{field:02}aG7dK2LmQ\",\"fieldKey\":\"opportunity.custom_{field}\",\"fieldValue\":\"{} {}\"}}",
                WORDS[random.below(12) as usize],
                random.below(1000)
            )
        })
        .collect();
    let mut word = |most: u64| random.below(most);
    format!(
        "{{\"id\":\"{:016x}{:04x}\",\"name\":\"{} {}\",\"status\":\"{}\",\"pipelineId\":\"pL8sD0aQw{}\",\"pipelineStageId\":\"st{}Zx81Kq\",\
         \"assignedTo\":\"usr{:02}QwErTy\",\"monetaryValue\":\"{}.{:02}\",\"source\":\"{}\",\"createdAt\":\"2026-0{}-{:02}T{:02}:{:02}:{:02}.{:03}Z\",\
         \"lastStatusChangeAt\":\"2026-0{}-{:02}T{:02}:{:02}:{:02}.{:03}Z\",\"contact\":{{\"id\":\"{:016x}\",\"name\":\"Person {}\",\"email\":\
         \"person{}@example.com\",\"phone\":\"+316{:08}\",\"tags\":[\"{}\",\"{}\"]}},\"customFields\":[{}]}}",
        word(u64::MAX),
        number,
        WORDS[word(12) as usize],
        word(10_000),
        ["open", "won", "lost"][word(3) as usize],
        word(3),
        word(8),
        word(40),
        word(20_000),
        word(100),
        WORDS[word(12) as usize],
        1 + word(9),
        1 + word(28),
        word(24),
        word(60),
        word(60),
        word(1000),
        1 + word(9),
        1 + word(28),
        word(24),
        word(60),
        word(60),
        word(1000),
        word(u64::MAX),
        word(100_000),
        word(100_000),
        word(100_000_000),
        WORDS[word(12) as usize],
        WORDS[word(12) as usize],
        fields.join(",")
    )
}

fn id(kind: u8, number: u64) -> Id {
    let (mut low, mut high) = (Random(number), Random(number + (u64::from(kind) << 56)));
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&low.below(u64::MAX).to_be_bytes());
    bytes[8..].copy_from_slice(&high.below(u64::MAX).to_be_bytes());
    Id(bytes)
}

#[derive(Clone, Copy)]
struct Place {
    provider: i64,
    source: i64,
    link: i64,
    context: i64,
}

fn accept(scope: &mut Scope<'_>, place: Place, number: u64, bytes: usize, packed: &Packed) -> salesdash_store::Result<(i64, i64)> {
    let key = format!("{number:016x}{number:04x}");
    let key_hash = (Random(number).below(u64::MAX)).cast_signed();
    let delivery = scope.next_id();
    let payload = scope.store_payload(packed)?;
    scope.insert_delivery(&Delivery {
        id: delivery,
        source: place.source,
        verdict: Verdict::Accepted,
        reason: None,
        bytes: bytes as i64,
        records: 1,
        payload: Some(payload),
    })?;
    scope.newest_of_key(place.source, key_hash, &key)?;
    let model = NewModel {
        key: Some(key),
        key_hash,
        version: Some("2026-03-01T09:30:00.000Z".to_owned()),
        place: 0,
        digest: key_hash ^ 77,
        verdict: ModelVerdict::Taken,
        pending: 1,
        job: None,
    };
    let source_model = scope.insert_source_model(place.source, delivery, payload, &model)?;
    let execution = scope.insert_execution(source_model, place.link, 1, 1, None)?;
    scope.add_to_ledger(place.source, &Ledger { received: 1, waiting: 1, ..Ledger::default() })?;
    Ok((execution, source_model))
}

fn execute(scope: &mut Scope<'_>, place: Place, number: u64, execution: i64, source_model: i64) -> salesdash_store::Result<()> {
    scope.dequeue(execution)?;
    let user = number % 40;
    let agent = Identity {
        kind: IdentityKind::Agent,
        id: id(1, user),
        external_id: Text::new(format!("usr{user:02}QwErTy")),
        external_name: Text::new(format!("usr{user:02}QwErTy")),
    };
    let at = Moment::from_microsecond(1_770_000_000_000_000 + number as i64).unwrap_or_default();
    let won = number.is_multiple_of(3);
    let mut rows = scope.rows_of(place.provider);
    let subject = Subject::Identity(IdentityKind::Agent);
    if rows.load(subject, agent.id)?.is_none() {
        let fields = vec![(Text::new("external_name"), Value::Text(agent.external_name.clone()))];
        rows.insert(&Row {
            subject,
            id: agent.id,
            external_id: agent.external_id.clone(),
            fields,
            locked: Vec::new(),
            execution: execution.cast_unsigned(),
        })?;
    }
    let agent = Value::Identity(Arc::new(agent));
    let contact = Value::text(format!("hmac:{}", hex::encode([id(9, number).0, id(8, number).0].concat())));
    let mut write = |kind: RecordKind, number: u64, external_id: String, fields: Vec<(&str, Value)>| {
        let subject = Subject::Record(kind);
        let id = id(kind as u8 + 16, number);
        if rows.load(subject, id)?.is_none() {
            let fields = fields.into_iter().map(|(name, value)| (Text::new(name), value)).collect();
            let (external_id, execution) = (Text::new(external_id), execution.cast_unsigned());
            rows.insert(&Row { subject, id, external_id, fields, locked: Vec::new(), execution })?;
        }
        Ok::<_, salesdash_store::StoreError>(())
    };
    if won {
        let fields = vec![
            ("moment", Value::Datetime(at)),
            ("agent_external_identity", agent.clone()),
            ("contract_value", Value::Number((number as i64).into())),
            ("contact_key", contact),
            ("status", "accepted".into()),
        ];
        write(RecordKind::Sale, number, format!("opp|{number:016x}{number:04x}"), fields)?;
    }
    for activity in 0..2 {
        let fields =
            vec![("moment", Value::Datetime(at)), ("activity_type", "Demo given".into()), ("agent_external_identity", agent.clone())];
        write(RecordKind::Activity, number * 2 + activity, format!("{number:016x}{number:04x}|cf{activity:02}aG7dK2LmQ"), fields)?;
    }
    let finished = Finished {
        status: Status::Succeeded,
        version: 1,
        constants: 1,
        at: at.as_microsecond(),
        took: 12,
        context: Some(place.context),
        digest: id(3, number).0.to_vec(),
        outcome: vec![2, 0, 0, 1, 0, 1],
        reads: None,
        error: None,
    };
    scope.finish_execution(execution, &finished)?;
    scope.settle(place.source, source_model, false)
}

fn pipeline() {
    let directory = tempfile::tempdir_in(".").expect("a directory");
    let store = Arc::new(Store::open(directory.path()).expect("a store"));
    let tenant = store.create_tenant("Acme", "{}").expect("a tenant").id;
    let place = store
        .write(tenant, |scope| {
            let provider = scope.create_provider("webhook", "CRM", "{}", None)?.id;
            let source = scope.create_source(provider, "webhook", "Deals", "deal", "{}", None)?.0.id;
            let processor = scope.create_processor("Deals", "deal")?.id;
            let link = scope.create_link(source, processor, "{}")?.id;
            Ok(Place { provider, source, link, context: scope.keep_context("{\"timezone\":\"Europe/Amsterdam\"}")? })
        })
        .expect("a source");
    let opportunities: Vec<String> = (0..PIPELINES).map(opportunity).collect();
    let input: usize = opportunities.iter().map(String::len).sum();
    // The source has been in use for a while: its dictionary is there.
    for opportunity in opportunities.iter().rev().take(store.read(tenant, |scope| Ok(scope.training_samples())).expect("a number")) {
        store.pack(tenant, place.source, opportunity.as_bytes()).expect("a payload");
    }
    let (next, packing, started) = (AtomicU64::new(0), AtomicU64::new(0), Instant::now());
    std::thread::scope(|threads| {
        for _ in 0..16 {
            threads.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(body) = opportunities.get(number as usize) else { return };
                    let pack = Instant::now();
                    let packed = store.pack(tenant, place.source, body.as_bytes()).expect("a payload");
                    packing.fetch_add(pack.elapsed().as_nanos() as u64, Ordering::Relaxed);
                    let bytes = body.len();
                    let (execution, source_model) =
                        store.write(tenant, move |scope| accept(scope, place, number, bytes, &packed)).expect("accepted");
                    store.write(tenant, move |scope| execute(scope, place, number, execution, source_model)).expect("executed");
                }
            });
        }
    });
    println!("pipeline: {PIPELINES} webhooks of {} bytes accepted and executed, 16 threads", input as u64 / PIPELINES);
    print_stats(&store, PIPELINES, started.elapsed().as_secs_f64());
    println!(
        "  packing: {:.1} us each (with two cores shared by 17 threads)",
        packing.load(Ordering::Relaxed) as f64 / PIPELINES as f64 / 1000.0
    );
    store.database().checkpoint().expect("a checkpoint");
    drop(store);
    storage(&directory.path().join("salesdash.db"));
}

fn storage(file: &std::path::Path) {
    let connection = rusqlite::Connection::open(file).expect("a database");
    let mut statement = connection
        .prepare("SELECT name, SUM(pgsize), SUM(payload), SUM(unused) FROM dbstat GROUP BY name ORDER BY 2 DESC")
        .expect("a query");
    let rows = statement
        .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?, row.get::<_, i64>(3)?)))
        .expect("rows");
    let (mut trace, mut records) = (0, 0);
    let mut tables = BTreeMap::new();
    println!("storage, bytes each (pages; payload in them; unused in them):");
    for row in rows {
        let (name, pages, payload, unused) = row.expect("a row");
        let (pages, payload, unused) = (pages.unsigned_abs(), payload.unsigned_abs(), unused.unsigned_abs());
        let of_records =
            ["records", "identities", "contact_changes"].iter().any(|table| name.starts_with(table) || name.contains(&format!("_{table}")));
        *(if of_records { &mut records } else { &mut trace }) += pages;
        if pages > 100 * PIPELINES / 100 {
            println!("  {name:32} {:7.1} {:7.1} {:7.1}", per(pages), per(payload), per(unused));
        }
        tables.insert(name, pages);
    }
    println!("  executions with their traces: {:.0}; the records they wrote: {:.0}", per(trace), per(records));
}

fn per(bytes: u64) -> f64 {
    bytes as f64 / PIPELINES as f64
}
