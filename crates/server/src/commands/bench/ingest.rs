//! `ingest`: webhooks accepted durably, beside what bounds it: the writer alone, with the very rows that a webhook stores and with one small
//! row, and HTTP alone. Each is measured in the same run, on the same disk and the same cores.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use nix::time::{ClockId, clock_gettime};
use salesdash_engine::bench::installation::Installation;
use salesdash_engine::bench::records;
use salesdash_engine::intake::{Batch, Incoming};
use salesdash_engine::{Engine, Options};
use salesdash_store::{Result as Stored, Store, StoreError};
use salesdash_value::json;

use super::report::{Figure, Measured};
use super::served::{Sent, Served, runtime, send};
use super::stored::failed;
use super::{Place, Size};
use crate::exit::{Exit, Failure};

/// Connections that webhooks come in on, and threads that wait for the writer.
const CONNECTIONS: usize = 64;

/// How fast something went, and the processor time that it took.
#[derive(Clone, Copy)]
struct Pace {
    /// How many a second.
    rate: f64,
    /// Microseconds of processor time for each.
    used_us: f64,
}

/// The processor time that this process has used, in seconds.
fn used_s() -> f64 {
    clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).map_or(0.0, |used| std::time::Duration::from(used).as_secs_f64())
}

/// Has as many threads as there are connections do something again and again, each waiting until it is durable, until all is done.
fn paced(count: usize, write: impl Fn(usize) -> Stored<()> + Sync) -> Result<Pace, Failure> {
    let (next, used, started) = (AtomicUsize::new(0), used_s(), Instant::now());
    let wrote = std::thread::scope(|threads| {
        let work = || {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return Ok(());
                }
                write(number)?;
            }
        };
        let threads: Vec<_> = (0..CONNECTIONS).map(|_| threads.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or(Err(StoreError::Closing))).collect::<Vec<_>>()
    });
    let took = started.elapsed().as_secs_f64();
    wrote.into_iter().collect::<Stored<Vec<()>>>().map_err(failed)?;
    Ok(Pace { rate: count as f64 / took, used_us: (used_s() - used) * 1e6 / count as f64 })
}

/// What the one writer commits in groups at best here: one small row for each of so many callers, who wait for it.
fn small_rows(place: Place<'_>, count: usize) -> Result<Pace, Failure> {
    let directory = place.directory()?;
    let store = Store::open(directory.path()).map_err(failed)?;
    let tenant = store.create_tenant("Benchmark", "{}").map_err(failed)?.id;
    paced(count, |_| {
        store.write(tenant, |scope| {
            let id = scope.next_id();
            scope.insert_event(1, &id.to_be_bytes(), id)
        })
    })
}

/// What the one writer commits of the very rows and bytes that a webhook stores (delivery, payload, source model, ledger): everything before
/// it, from reading the record to encrypting it, has been done.
fn same_rows(place: Place<'_>, count: usize) -> Result<Pace, Failure> {
    let directory = place.directory()?;
    let store = Arc::new(Store::open(directory.path()).map_err(failed)?);
    let Installation { tenant, source, .. } = Installation::make(&store, false).map_err(failed)?;
    let engine = Engine::open(Arc::clone(&store), Options::default()).map_err(failed)?;
    let mut batches: Vec<Mutex<Option<Batch>>> = Vec::with_capacity(count);
    for number in 0..count {
        let record = json::parse(records::record(number).as_bytes(), json::Limits::DEFAULT).map_err(failed)?;
        batches.push(Mutex::new(Some(engine.prepare(tenant, source, vec![Incoming::from(record)]).map_err(failed)?)));
    }
    paced(count, |number| {
        let Some(batch) = batches[number].lock().ok().and_then(|mut batch| batch.take()) else { return Ok(()) };
        let storing = Arc::clone(&engine);
        store.write(tenant, move |scope| storing.store_batch(scope, &batch).map(|_| ()))
    })
}

/// Sends the webhooks to a server, and says what it and the sender took for each.
fn sent(served: &Served, route: &str, count: usize) -> Result<(Sent, Pace, f64), Failure> {
    let (before, ours) = (served.used_s(), used_s());
    let sent = runtime()?.block_on(send(served.address, route, CONNECTIONS, count))?;
    let each = |used: f64| used * 1e6 / count as f64;
    let pace = Pace { rate: count as f64 / sent.took_s, used_us: each(served.used_s() - before) };
    Ok((sent, pace, each(used_s() - ours)))
}

/// Webhooks accepted durably.
pub fn ingest(place: Place<'_>, size: Size) -> Result<Measured, Failure> {
    let small = small_rows(place, 2 * size.webhooks)?;
    let rows = same_rows(place, size.webhooks)?;
    let (_, http, _) = sent(&Served::start_only_http()?, "floor", size.webhooks)?;
    let directory = place.directory()?;
    let installation = {
        let store = Store::open(directory.path()).map_err(failed)?;
        Installation::make(&store, false).map_err(failed)?
    };
    let served = Served::start(directory.path())?;
    let (sent, webhooks, sender_us) = sent(&served, &installation.route, size.webhooks)?;
    Ok(Measured {
        workload: "ingest",
        figures: vec![
            Figure::plain("webhooks accepted durably over 64 connections", webhooks.rate, "a second"),
            Figure::plain("the bare writer, the same rows of each", rows.rate, "a second"),
            Figure::with("the same rows, of the webhooks", rows.rate / webhooks.rate, "×", 2.0),
            Figure::plain("HTTP alone, answered and not stored", http.rate, "a second"),
            Figure::plain("HTTP alone, of the webhooks", http.rate / webhooks.rate, "×"),
            Figure::plain("the bare writer, one small row of each", small.rate, "a second"),
            Figure::with("one small row, of the webhooks", small.rate / webhooks.rate, "×", 2.0),
            Figure::plain("half are answered within", sent.wait_ms(0.5), "ms"),
            Figure::with("99 of 100 are answered within", sent.wait_ms(0.99), "ms", 50.0),
            Figure::plain("processor time of the program for each", webhooks.used_us, "µs"),
            Figure::plain("of the bare writer and its callers, the same rows", rows.used_us, "µs"),
            Figure::plain("of HTTP alone", http.used_us, "µs"),
            Figure::plain("of the sender, on the same cores", sender_us, "µs"),
        ],
    })
}

/// Answers webhooks and stores nothing, until the process is told to stop: the other end of "HTTP alone".
pub fn serve_only_http() -> Result<Exit, Failure> {
    // The runtime of `serve`.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(failed)?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
        eprintln!("listening on http://{}", listener.local_addr().map_err(failed)?);
        axum::serve(listener, salesdash_api::only_http()).await.map_err(failed)
    })?;
    Ok(Exit::Fine)
}
