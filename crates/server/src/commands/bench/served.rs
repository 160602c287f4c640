//! `pipeline` and `start`: the whole program, in a process of its own, spoken to over HTTP.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use salesdash_engine::bench::installation::{Installation, SECRET};
use salesdash_engine::bench::records;
use salesdash_store::Store;

use super::report::{Figure, Measured};
use super::stored::{Kept, failed};
use super::{Place, Size};
use crate::client::Client;
use crate::exit::Failure;

/// Connections of the whole way.
const PIPELINE_CONNECTIONS: usize = 16;
/// How often the ledger is looked at while the last executions end.
const LOOK_MS: u64 = 10;
/// How long the program is left alone before its memory counts as idle.
const IDLE_S: u64 = 5;

/// The running program.
pub(super) struct Served {
    child: Child,
    pub address: SocketAddr,
    since: Instant,
}

impl Served {
    /// Starts it on a directory, and waits until it listens.
    pub fn start(data: &Path) -> Result<Self, Failure> {
        Self::run(Command::new(std::env::current_exe().map_err(failed)?).args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data))
    }

    /// Starts what answers webhooks and stores nothing.
    pub fn start_only_http() -> Result<Self, Failure> {
        Self::run(Command::new(std::env::current_exe().map_err(failed)?).args(["bench", "--only-http"]))
    }

    fn run(command: &mut Command) -> Result<Self, Failure> {
        use std::io::{BufRead, BufReader};
        let since = Instant::now();
        let mut child = command
            .env("SALESDASH_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| failed(format!("the program cannot be started: {error}")))?;
        let mut errors = BufReader::new(child.stderr.take().ok_or_else(|| failed("the program has no standard error"))?);
        let (mut line, mut said) = (String::new(), String::new());
        let address = loop {
            line.clear();
            if errors.read_line(&mut line).map_err(failed)? == 0 {
                let _ = child.wait();
                return Err(failed(format!("the program ended before it listened:\n{said}")));
            }
            if let Some(address) = line.trim().strip_prefix("listening on http://") {
                break address.parse().map_err(failed)?;
            }
            said.push_str(&line);
        };
        // Whatever else it says is passed on, so that it never waits for somebody to read it.
        std::thread::spawn(move || std::io::copy(&mut errors, &mut std::io::stderr()));
        Ok(Self { child, address, since })
    }

    /// A figure of `/proc/…/status`, in KiB. Zero where the system has no such thing.
    fn status_kib(&self, name: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let found = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        found.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0.0)
    }

    /// The processor time that it has used, in seconds. Zero where the system does not tell.
    pub fn used_s(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        // The name of the program, in parentheses, can hold spaces; two fields of clock ticks follow eleven others behind it.
        let mut ticks = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().skip(11).take(2);
        let mut next = || ticks.next().and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or(0.0);
        (next() + next()) / 100.0
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let id = nix::unistd::Pid::from_raw(self.child.id().cast_signed());
        let _ = nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGTERM);
        let _ = self.child.wait();
    }
}

pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    // The other core is the program's.
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(failed)
}

/// What came of sending.
pub(super) struct Sent {
    /// From the first request to the last answer, in seconds.
    pub took_s: f64,
    /// How long each took, sorted.
    waits: Vec<Duration>,
}

impl Sent {
    pub fn wait_ms(&self, share: f64) -> f64 {
        let place = ((self.waits.len() as f64 * share) as usize).min(self.waits.len().saturating_sub(1));
        self.waits.get(place).map_or(0.0, Duration::as_secs_f64) * 1e3
    }
}

/// Sends reference records over so many connections, each waiting for its answer.
pub(super) async fn send(address: SocketAddr, route: &str, connections: usize, count: usize) -> Result<Sent, Failure> {
    let bodies: Arc<Vec<String>> = Arc::new((0..count).map(records::record).collect());
    let (next, path) = (Arc::new(AtomicUsize::new(0)), format!("/hooks/{route}"));
    let started = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let (bodies, next, path) = (Arc::clone(&bodies), Arc::clone(&next), path.clone());
        tasks.push(tokio::spawn(async move {
            let mut client = Client::new(address);
            let mut waits = Vec::new();
            let headers = [("content-type", "application/json".to_owned()), ("authorization", format!("Bearer {SECRET}"))];
            while let Some(body) = bodies.get(next.fetch_add(1, Ordering::Relaxed)) {
                let sent = Instant::now();
                let answer = client.send("POST", &path, &headers, body.clone()).await.map_err(failed)?;
                if answer.status != 202 {
                    return Err(failed(format!("a webhook was answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body))));
                }
                waits.push(sent.elapsed());
            }
            Ok(waits)
        }));
    }
    let mut waits = Vec::with_capacity(count);
    for task in tasks {
        waits.extend(task.await.map_err(failed)??);
    }
    waits.sort_unstable();
    Ok(Sent { took_s: started.elapsed().as_secs_f64(), waits })
}

/// How a source's ledger stands.
async fn executed(client: &mut Client, installation: &Installation) -> Result<(u64, u64), Failure> {
    let headers = [("authorization", format!("Bearer {}", installation.token))];
    let path = format!("/api/v1/sources/{}/ledger", installation.source);
    let answer = client.send("GET", &path, &headers, "").await.map_err(failed)?;
    if answer.status != 200 {
        return Err(failed(format!("the ledger was answered {}", answer.status)));
    }
    let ledger: serde_json::Value = serde_json::from_slice(&answer.body).map_err(failed)?;
    let number = |key: &str| ledger[key].as_u64().unwrap_or(0);
    Ok((number("executed"), number("failed") + number("rejected") + number("stale")))
}

/// The whole way: webhook, execution, records, status, all durable.
pub fn pipeline(place: Place<'_>, size: Size) -> Result<Measured, Failure> {
    let directory = place.directory()?;
    let installation = {
        let store = Store::open(directory.path()).map_err(failed)?;
        Installation::make(&store, true).map_err(failed)?
    };
    let served = Served::start(directory.path())?;
    let before = served.used_s();
    let (sent, took_s) = runtime()?.block_on(async {
        let started = Instant::now();
        let sent = send(served.address, &installation.route, PIPELINE_CONNECTIONS, size.webhooks).await?;
        let mut client = Client::new(served.address);
        loop {
            let (executed, other) = executed(&mut client, &installation).await?;
            if other > 0 {
                return Err(failed(format!("{other} records came to something else than an execution")));
            }
            if executed as usize == size.webhooks {
                return Ok((sent, started.elapsed().as_secs_f64()));
            }
            tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
        }
    })?;
    let used = served.used_s() - before;
    Ok(Measured {
        workload: "pipeline",
        figures: vec![
            Figure::plain("from webhook to status, all durable, over 16 connections", size.webhooks as f64 / took_s, "a second"),
            Figure::plain("half are accepted within", sent.wait_ms(0.5), "ms"),
            Figure::plain("99 of 100 are accepted within", sent.wait_ms(0.99), "ms"),
            Figure::plain("processor time of the program for each", used * 1e6 / size.webhooks as f64, "µs"),
        ],
    })
}

/// The start of the process, with many executions stored, and its memory once it is idle.
pub fn start(place: Place<'_>, size: Size, keep: Option<&Path>) -> Result<Measured, Failure> {
    let filled = Kept::of(place, size.executions, keep)?;
    let mut best = f64::INFINITY;
    let mut idle = 0.0;
    for round in 0..3 {
        let served = Served::start(filled.path())?;
        let answered = runtime()?.block_on(async { Client::new(served.address).send("GET", "/health", &[], "").await });
        let status = answered.map_err(failed)?.status;
        if status != 200 {
            return Err(failed(format!("/health was answered {status}")));
        }
        best = served.since.elapsed().as_secs_f64().min(best);
        if round == 0 {
            std::thread::sleep(Duration::from_secs(IDLE_S));
            idle = served.status_kib("VmRSS") / 1024.0;
        }
    }
    Ok(Measured {
        workload: "start",
        figures: vec![
            Figure::plain("executions stored", filled.executions as f64, ""),
            Figure::with("from the start of the process to the first answer", best, "s", 1.0),
            Figure::with("memory once idle", idle, "MiB", 60.0 * 1e6 / f64::from(1 << 20)),
        ],
    })
}
