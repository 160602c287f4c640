//! The running system: an installation, and what serves it until it is told to stop.

pub mod logs;
mod signals;
pub mod telemetry;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use salesdash_api::{App, Config};
use salesdash_connect::Connect;
use salesdash_connect::clock::SystemClock;
use salesdash_connect::guard::Range;
use salesdash_connect::http::Network;
use salesdash_engine::Engine;
use salesdash_providers::Types;
use salesdash_store::Store;

use crate::exit::{Exit, Failure};
use crate::web;

/// How it is served.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where it listens. Port 0: any that is free.
    pub listen: SocketAddr,
    /// The address under which people and senders reach it.
    pub public_url: Option<String>,
    /// Whether processors are run.
    pub work: bool,
    /// Whether sources are polled.
    pub poll: bool,
    /// The provider types that there are.
    pub types: Types,
    /// The private addresses that polls and enrichments may reach.
    pub allowed: Vec<Range>,
}

impl Options {
    /// Everything is done, with the provider types that come with the program.
    #[must_use]
    pub fn new(listen: SocketAddr) -> Self {
        Self { listen, public_url: None, work: true, poll: true, types: Types::embedded(), allowed: Vec::new() }
    }
}

/// Serves an installation until the process is told to stop, and then finishes what it holds.
///
/// # Errors
/// Where it cannot listen.
pub fn run(options: &Options, engine: &Arc<Engine>) -> Result<Exit, Failure> {
    run_with(options, engine, Hooks::default())
}

/// What is done beside serving, for those who serve something special.
#[derive(Default)]
pub struct Hooks {
    /// Routes of their own.
    pub routes: Router,
    /// Called with the address once it listens.
    pub on_listening: Option<Box<dyn FnOnce(SocketAddr)>>,
}

/// The same as [`run`], with something beside it.
///
/// # Errors
/// As [`run`].
pub fn run_with(options: &Options, engine: &Arc<Engine>, hooks: Hooks) -> Result<Exit, Failure> {
    ensure_tenant(engine.store())?;
    engine.set_types(Arc::new(options.types.clone()));
    salesdash_api::declared::refresh(engine, &options.types).map_err(|error| Failure::environment(error.to_string()))?;
    if options.work {
        let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        engine.start(workers).map_err(|error| Failure::environment(error.to_string()))?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::environment(format!("the system gives no threads: {error}")))?;
    let result = runtime.block_on(serve(options, engine, hooks));
    // What is being executed is finished; what waits is found at the next start.
    engine.shutdown();
    // So that the database is one whole file, whoever copies it then.
    match engine.store().database().checkpoint() {
        Ok(true) => {}
        Ok(false) => tracing::info!("what was written last stays in `salesdash.db-wal`: somebody was reading"),
        Err(error) => tracing::warn!(%error, "what was written last stays in `salesdash.db-wal`"),
    }
    result
}

/// The engine of an installation, not started yet.
///
/// # Errors
/// Where the database fails.
pub fn engine(store: Arc<Store>) -> Result<Arc<Engine>, Failure> {
    Engine::open(store, salesdash_engine::Options::default()).map_err(|error| Failure::environment(error.to_string()))
}

/// The name of the tenant that is made at first start; it can be changed under Settings.
const FIRST_TENANT: &str = "My company";

/// Makes the tenant of a new installation.
///
/// # Errors
/// Where the database fails.
pub fn ensure_tenant(store: &Store) -> Result<i64, Failure> {
    let failed = |error: salesdash_store::StoreError| Failure::environment(error.to_string());
    match store.tenants().map_err(failed)?.first() {
        Some(tenant) => Ok(tenant.id),
        None => {
            Ok(store.create_tenant(FIRST_TENANT, r#"{"timezone":"Europe/Amsterdam","currency":"EUR","country":"NL"}"#).map_err(failed)?.id)
        }
    }
}

async fn serve(options: &Options, engine: &Arc<Engine>, hooks: Hooks) -> Result<Exit, Failure> {
    let listener = tokio::net::TcpListener::bind(options.listen)
        .await
        .map_err(|error| Failure::environment(format!("cannot listen on {}: {error}", options.listen)))?;
    let address = listener.local_addr().unwrap_or(options.listen);
    let network = Network::new(&options.allowed).map_err(Failure::environment)?;
    let connect = Connect::open(Arc::clone(engine), Arc::new(options.types.clone()), Arc::new(network), Arc::new(SystemClock));
    if options.poll {
        connect.start().map_err(|error| Failure::environment(error.to_string()))?;
    }
    let config = Config { public_url: options.public_url.clone(), types: options.types.clone(), connect: Some(Arc::clone(&connect)) };
    let app = App::new(Arc::clone(engine), config);
    let base = options.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    if let Some(secret) = app.open_setup().map_err(|problem| Failure::environment(problem.into_detail()))? {
        eprintln!("make the administrator: {}/setup?token={secret}", base.trim_end_matches('/'));
    }
    let stop = signals::stop().map_err(|error| Failure::environment(format!("signals cannot be listened to: {error}")))?;
    eprintln!("listening on http://{address}");
    let router = salesdash_api::router(app.clone(), web::router()).merge(hooks.routes);
    if let Some(on_listening) = hooks.on_listening {
        on_listening(address);
    }
    let housekeeping = tokio::spawn(keep_house(Arc::clone(engine)));
    let stopping = app.clone();
    axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(async move {
            stop.await;
            eprintln!("stopping");
            stopping.stop();
        })
        .await
        .map_err(|error| Failure::environment(format!("serving failed: {error}")))?;
    housekeeping.abort();
    // Runs on their way store the page that they are at.
    connect.shutdown().await;
    Ok(Exit::Fine)
}

/// How often sessions that have ended are removed.
const HOUSEKEEPING: Duration = Duration::from_secs(3600);
/// After how many of those the ledgers are counted anew, which reads every row.
const COUNTED_EVERY: u32 = 24;

/// Removes sessions that have ended, and reports a ledger that does not balance, now and then. What arrived is removed by the engine.
async fn keep_house(engine: Arc<Engine>) {
    let mut times = tokio::time::interval(HOUSEKEEPING);
    let mut turn = 0;
    loop {
        times.tick().await;
        turn = (turn + 1) % COUNTED_EVERY;
        let engine = Arc::clone(&engine);
        let done = tokio::task::spawn_blocking(move || {
            engine.store().forget_ended_sessions()?;
            for tenant in engine.store().tenants()?.iter().filter(|_| turn == 0) {
                for ledger in engine.check_ledgers(tenant.id)?.iter().filter(|ledger| !ledger.holds()) {
                    tracing::error!(source = ledger.source, kept = ?ledger.kept, counted = ?ledger.counted, "a ledger does not balance");
                }
            }
            Ok::<_, salesdash_engine::EngineError>(())
        });
        if let Ok(Err(error)) = done.await {
            tracing::warn!(%error, "what has ended is removed later");
        }
    }
}
