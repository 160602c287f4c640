//! Logs: to standard error, as text or as one JSON object a line. And traces of what the server does, where they are asked for.

use std::io::IsTerminal;

use clap::ValueEnum;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use super::telemetry::Telemetry;

/// The variable that says what is logged, such as `debug` or `salesdash_engine=debug,info`.
pub const FILTER_VARIABLE: &str = "SALESDASH_LOG";

/// The form of the logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Begins to log, and to send traces where there is somewhere to send them. Does nothing where something logs already.
pub fn start(format: LogFormat, telemetry: Option<&Telemetry>) {
    let filter = EnvFilter::try_from_env(FILTER_VARIABLE).unwrap_or_else(|_| EnvFilter::new("info"));
    let logs = fmt::layer().with_writer(std::io::stderr);
    let logs = match format {
        LogFormat::Text => logs.with_ansi(std::io::stderr().is_terminal()).boxed(),
        LogFormat::Json => logs.json().flatten_event(true).boxed(),
    };
    let _ = tracing_subscriber::registry().with(logs.with_filter(filter)).with(telemetry.map(Telemetry::layer)).try_init();
}
