//! The figures for Prometheus, read from the counters of the engine and of the store's writer at the moment they are asked for.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, text};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};
use salesdash_store::executions::Status;
use salesdash_store::sqlite::Histogram;

use crate::App;

/// What the figures are written in.
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The figures.
pub fn text(app: &App) -> String {
    let mut registry = Registry::with_prefix("salesdash");
    registry.register_collector(Box::new(Figures(app.clone())));
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = text::encode(&mut out, &registry);
    out
}

struct Figures(App);

impl fmt::Debug for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Figures")
    }
}

type Label = [(&'static str, &'static str); 1];

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

/// Writes figures one after the other.
struct Writer<'e> {
    encoder: DescriptorEncoder<'e>,
}

impl Writer<'_> {
    fn counter(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        let counter = ConstCounter::new(value);
        let metric = self.encoder.encode_descriptor(name, help, None, counter.metric_type())?;
        counter.encode(metric)
    }

    fn counters(&mut self, name: &str, help: &str, label: &'static str, values: &[(&'static str, u64)]) -> fmt::Result {
        let kind = ConstCounter::new(0u64).metric_type();
        let mut descriptor = self.encoder.encode_descriptor(name, help, None, kind)?;
        for (value, count) in values {
            let labels: Label = [(label, value)];
            ConstCounter::new(*count).encode(descriptor.encode_family(&labels)?)?;
        }
        Ok(())
    }

    fn gauge(&mut self, name: &str, help: &str, unit: Option<&Unit>, value: f64) -> fmt::Result {
        let gauge = ConstGauge::new(value);
        let metric = self.encoder.encode_descriptor(name, help, unit, gauge.metric_type())?;
        gauge.encode(metric)
    }

    /// A histogram of sizes, each divided by `per` (1,000,000 makes seconds of microseconds).
    fn histogram(&mut self, name: &str, help: &str, unit: Option<&Unit>, histogram: &Histogram, per: f64) -> fmt::Result {
        let mut encoder = self.encoder.encode_descriptor(name, help, unit, prometheus_client::metrics::MetricType::Histogram)?;
        let buckets: Vec<(f64, u64)> =
            histogram.buckets().into_iter().map(|(bound, count)| (bound.map_or(f64::MAX, |bound| bound as f64 / per), count)).collect();
        encoder.encode_histogram::<NoLabels>(histogram.sum() as f64 / per, histogram.count(), &buckets, None)
    }
}

/// The labels of histograms: none.
type NoLabels = [(&'static str, &'static str); 0];

/// Microseconds in a second.
const MICROS: f64 = 1_000_000.0;

impl Collector for Figures {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut out = Writer { encoder };
        let engine = self.0.engine();
        let metrics = engine.metrics();
        let deliveries = &metrics.deliveries;
        out.counters(
            "deliveries",
            "Webhook requests by what became of them",
            "verdict",
            &[
                ("accepted", read(&deliveries.accepted)),
                ("duplicate", read(&deliveries.duplicate)),
                ("unverified", read(&deliveries.unverified)),
                ("unreadable", read(&deliveries.unreadable)),
                ("throttled", read(&deliveries.throttled)),
                ("handshake", read(&deliveries.handshakes)),
                ("failed", read(&deliveries.failed)),
            ],
        )?;
        out.histogram(
            "delivery_duration",
            "How long answering a webhook request took",
            Some(&Unit::Seconds),
            &deliveries.times_us,
            MICROS,
        )?;
        out.counter("records", "Records taken out of deliveries and poll pages", read(&metrics.records))?;
        let by_status: Vec<(&'static str, u64)> =
            Status::ALL.iter().zip(&metrics.executions).map(|(status, count)| (status.name(), read(count))).collect();
        out.counters("executions", "Executions that ended, by status", "status", &by_status)?;
        out.histogram(
            "execution_lag",
            "From the arrival of a record to the commit of its execution",
            Some(&Unit::Seconds),
            &metrics.lag_us,
            MICROS,
        )?;
        out.histogram("evaluation_duration", "How long evaluations took", Some(&Unit::Seconds), &metrics.evaluation_us, MICROS)?;
        out.counter("executions_postponed", "Executions put back because something passing stood in their way", read(&metrics.postponed))?;
        out.counter("execution_panics", "Executions that gave up in the middle: defects", read(&metrics.panics))?;
        out.counter("enrichments", "Enrichments that were fetched", read(&metrics.enrichments))?;
        out.counter("enrichment_failures", "Enrichments that could not be fetched", read(&metrics.enrichment_failures))?;
        let queue = engine.queue();
        out.gauge("queue_depth", "Executions that wait or run", None, queue.depth as f64)?;
        out.gauge("queue_held", "Executions held because something is switched off", None, queue.held as f64)?;
        out.gauge("queue_postponed", "Executions that wait for an enrichment or their next try", None, queue.postponed as f64)?;
        out.gauge("queue_age", "How long the oldest execution has waited", Some(&Unit::Seconds), queue.oldest_us as f64 / MICROS)?;
        if let Some(connect) = &self.0.config().connect {
            let (polling, runs) = (connect.polling(), connect.runs());
            out.gauge("polled_sources", "Sources that are polled", None, polling.sources as f64)?;
            out.gauge("polls_failing", "Polled sources of which the last run failed", None, polling.failing as f64)?;
            out.gauge("polls_running", "Runs on their way", None, polling.running as f64)?;
            let help = "How long ago the latest polled source should have been read: the time since its last good run beyond its interval";
            out.gauge("poll_lag", help, Some(&Unit::Seconds), polling.lag_s)?;
            let verdicts = [("succeeded", read(&runs.succeeded)), ("failed", read(&runs.failed)), ("cancelled", read(&runs.cancelled))];
            out.counters("poll_runs", "Runs that ended, by how", "verdict", &verdicts)?;
        }
        let database = self.0.store().database();
        let writer = database.stats();
        out.counter("commits", "Commits of the database's writer", read(&writer.commits))?;
        out.counter("commit_failures", "Commits that failed", read(&writer.failures))?;
        out.histogram("commit_writes", "Writes that shared a commit", None, &writer.batch_sizes, 1.0)?;
        out.histogram("commit_duration", "How long commits took", Some(&Unit::Seconds), &writer.commit_times_us, MICROS)?;
        out.histogram("write_wait", "From handing a write in to its commit", Some(&Unit::Seconds), &writer.wait_times_us, MICROS)?;
        out.gauge("writes_waiting", "Writes that wait for a commit", None, database.waiting() as f64)?;
        out.gauge("database_size", "The size of the database", Some(&Unit::Bytes), database.size() as f64)
    }
}
