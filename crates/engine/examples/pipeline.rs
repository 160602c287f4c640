//! What the engine costs: `cargo run --release -p salesdash-engine --example pipeline`.
//!
//! - `ingest`: webhooks accepted durably, 64 connections that each wait for their answer;
//! - `pipeline`: webhook, execution, upserts and status, all durable, 16 connections, until everything is executed;
//! - `storage`: the bytes that those keep, by table;
//! - `replay`: an impact preview over 10,000 of them, on one core.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use salesdash_engine::bench::records;
use salesdash_engine::preview::PreviewRequest;
use salesdash_engine::{Engine, Options};
use salesdash_providers::Request;
use salesdash_store::Store;
use salesdash_value::json;

const COUNT: usize = 40_000;

struct Installation {
    engine: Arc<Engine>,
    tenant: i64,
    processor: i64,
    url: String,
    _directory: tempfile::TempDir,
}

fn installation(linked: bool) -> Installation {
    let directory = tempfile::tempdir_in(".").expect("a directory");
    let store = Arc::new(Store::open(directory.path()).expect("a store"));
    let tenant = store.create_tenant("Acme", r#"{"timezone":"Europe/Amsterdam"}"#).expect("a tenant").id;
    let models = json::parse(records::MODELS.as_bytes(), json::Limits::DEFAULT).expect("models");
    let declaration = json::to_string(models.at(&["models", "crm_opportunity"]).expect("a model"));
    let (processor, source, url) = store
        .write(tenant, move |scope| {
            scope.save_model("crm_opportunity", &declaration, "{}", None, None)?;
            let provider = scope.create_provider("webhook", "CRM", "{}", None)?.id;
            let settings = r#"{"limits":{"rate_per_second":1000000}}"#;
            let (source, url) = scope.create_source(provider, "webhook", "Deals", "crm_opportunity", settings, None)?;
            let processor = scope.create_processor("Deals", "crm_opportunity")?.id;
            scope.save_version(processor, 0, "measure", None, records::SPEC)?;
            if linked {
                scope.create_link(source.id, processor, "{}")?;
            }
            Ok((processor, source.id, url))
        })
        .expect("a source");
    // The source has been in use for a while: its dictionary is there.
    for number in 0..400 {
        store.pack(tenant, source, records::record(1_000_000 + number).as_bytes()).expect("a payload");
    }
    let engine = Engine::open(store, Options::default()).expect("an engine");
    Installation { engine, tenant, processor, url, _directory: directory }
}

/// Sends the records over connections that each wait for their answer.
fn send(installation: &Installation, bodies: &[String], connections: usize) -> f64 {
    let (next, started) = (AtomicUsize::new(0), Instant::now());
    let headers: &[(&str, &[u8])] = &[("content-type", b"application/json")];
    std::thread::scope(|threads| {
        for _ in 0..connections {
            threads.spawn(|| {
                while let Some(body) = bodies.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let url = "https://salesdash.example/hooks/x";
                    let request = Request { method: "POST", url, headers, body: body.as_bytes() };
                    assert_eq!(installation.engine.receive_now(&installation.url, &request).status, 202);
                }
            });
        }
    });
    started.elapsed().as_secs_f64()
}

fn report(name: &str, installation: &Installation, count: usize, took: f64) {
    let stats = installation.engine.store().database().stats();
    let (commits, busy) = (stats.commits.load(Ordering::Relaxed), stats.busy_us.load(Ordering::Relaxed));
    println!(
        "{name}: {:.0}/s; {commits} commits of {:.1} writes; writer busy {:.1} us each, in commits {:.1} us; answers p50 <= {} us, p99 <= {} us",
        count as f64 / took,
        stats.batch_sizes.sum() as f64 / commits as f64,
        busy as f64 / count as f64,
        stats.commit_us.load(Ordering::Relaxed) as f64 / count as f64,
        installation.engine.metrics().deliveries.times_us.at_most(0.5),
        installation.engine.metrics().deliveries.times_us.at_most(0.99),
    );
}

fn main() {
    let only = std::env::args().nth(1);
    let wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    let bodies: Vec<String> = (0..COUNT).map(records::record).collect();
    if wanted("ingest") {
        let ingest = installation(false);
        let took = send(&ingest, &bodies, 64);
        report("ingest", &ingest, COUNT, took);
    }
    if !wanted("pipeline") {
        return;
    }
    let pipeline = installation(true);
    pipeline.engine.start(1).expect("threads");
    let started = Instant::now();
    let sent = send(&pipeline, &bodies, 16);
    while pipeline.engine.queue().depth > 0 {
        std::thread::yield_now();
    }
    let took = started.elapsed().as_secs_f64();
    report("pipeline", &pipeline, COUNT, took);
    println!(
        "  accepted in {sent:.2} s, executed in {took:.2} s; lag p50 <= {} us, p99 <= {} us; evaluation {:.1} us each",
        pipeline.engine.metrics().lag_us.at_most(0.5),
        pipeline.engine.metrics().lag_us.at_most(0.99),
        pipeline.engine.metrics().evaluation_us.sum() as f64 / COUNT as f64
    );
    storage(&pipeline);
    let spec = records::SPEC.replace("\"opp|\"", "\"deal|\"");
    let request = PreviewRequest {
        spec: json::parse(spec.as_bytes(), json::Limits::DEFAULT).expect("a spec"),
        processor: pipeline.processor,
        link: None,
        records: 10_000,
        from: None,
        to: None,
        reveal: false,
    };
    let started = Instant::now();
    let impact = pipeline.engine.preview(pipeline.tenant, &request, &mut |_| true).expect("a preview");
    println!(
        "replay: {} records in {:.2} s: {} appear, {} change, {} vanish, {} same",
        impact.records,
        started.elapsed().as_secs_f64(),
        impact.appear,
        impact.change,
        impact.vanish,
        impact.same
    );
    pipeline.engine.shutdown();
}

fn storage(installation: &Installation) {
    installation.engine.store().database().checkpoint().expect("a checkpoint");
    let tables: BTreeMap<String, u64> = installation.engine.store().database().table_sizes().expect("sizes").into_iter().collect();
    let (mut trace, mut records) = (0, 0);
    for (table, bytes) in &tables {
        let of_records = matches!(table.as_str(), "records" | "identities" | "contact_changes");
        *(if of_records { &mut records } else { &mut trace }) += bytes;
        if *bytes > COUNT as u64 {
            println!("  {table:20} {:7.1} bytes each", *bytes as f64 / COUNT as f64);
        }
    }
    println!(
        "storage: {} bytes for each execution with its trace, {} for the records it wrote",
        trace / COUNT as u64,
        records / COUNT as u64
    );
}
