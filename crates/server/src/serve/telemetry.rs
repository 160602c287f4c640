//! Traces of what the server does, for an OpenTelemetry collector: requests that are served, deliveries, executions, commits, polls,
//! enrichments, requests to vendors. They name things by their ids; no value of a record, no path or parameter of a request is in them.
//!
//! How many are sent, under which name and with which headers, is said by the variables of OpenTelemetry: `OTEL_TRACES_SAMPLER`,
//! `OTEL_SERVICE_NAME`, `OTEL_EXPORTER_OTLP_HEADERS` and so on.

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

use crate::exit::Failure;

/// The variable by which other programs are told of the collector; it serves where the switch is not given.
const ENDPOINT_VARIABLE: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
/// The variable that names the service.
const NAME_VARIABLE: &str = "OTEL_SERVICE_NAME";
/// Where a collector takes traces.
const PATH: &str = "/v1/traces";

/// Sends traces until it is dropped; what has not been sent by then is sent before.
#[derive(Debug)]
pub struct Telemetry {
    provider: SdkTracerProvider,
}

impl Telemetry {
    /// Sends to a collector. `None` where neither the switch nor the environment names one.
    ///
    /// # Errors
    /// Where its address makes no sense.
    pub fn start(switch: Option<&str>) -> Result<Option<Self>, Failure> {
        let Some(collector) = switch.map(str::to_owned).or_else(|| std::env::var(ENDPOINT_VARIABLE).ok()).filter(|url| !url.is_empty())
        else {
            return Ok(None);
        };
        let unusable = |error: String| Failure::usage(format!("traces cannot be sent to `{collector}`: {error}"));
        let client = salesdash_connect::http::plain_client().map_err(unusable)?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_endpoint(format!("{}{PATH}", collector.trim_end_matches('/')))
            .build()
            .map_err(|error| unusable(error.to_string()))?;
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource = Resource::builder().with_attribute(version);
        let resource = if std::env::var_os(NAME_VARIABLE).is_none() { resource.with_service_name("salesdash") } else { resource };
        Ok(Some(Self { provider: SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource.build()).build() }))
    }

    /// What passes spans on, and what is logged within them.
    pub(super) fn layer<S: Subscriber + for<'s> LookupSpan<'s>>(&self) -> impl Layer<S> + use<S> {
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("salesdash"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(is_ours))
    }
}

fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("salesdash") && (metadata.is_span() || *metadata.level() <= Level::INFO)
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Err(error) = self.provider.shutdown() {
            eprintln!("the last traces could not be sent: {error}");
        }
    }
}
