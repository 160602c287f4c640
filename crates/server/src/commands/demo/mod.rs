//! `salesdash demo`: `serve` on a temporary directory with the sample tenant, and the simulated systems sending.

mod live;
mod sign_in;

use std::net::SocketAddr;
use std::sync::Arc;

use salesdash_engine::demo::sample;
use salesdash_store::Store;
use salesdash_store::installation::new_secret;
use salesdash_store::users::NewUser;
use salesdash_value::Instant;

use crate::arguments::Demo;
use crate::commands::failed;
use crate::exit::{Exit, Failure};
use crate::serve::{self, Hooks, Options, logs};

const EMAIL: &str = "robin@sunnyside.example";

pub fn run(arguments: &Demo) -> Result<Exit, Failure> {
    logs::start(arguments.log, None);
    let directory = tempfile::Builder::new()
        .prefix("salesdash-demo-")
        .tempdir()
        .map_err(|error| Failure::environment(format!("a temporary directory cannot be made: {error}")))?;
    eprintln!("making the sample tenant: {} days of history", sample::DAYS);
    let now = Instant::now();
    let store = Arc::new(Store::open_unsynced(directory.path()).map_err(failed)?);
    let sample = sample::build(Arc::clone(&store), now).map_err(|error| Failure::environment(error.to_string()))?;
    let password = new_secret().map_err(failed)?.chars().filter(char::is_ascii_alphanumeric).take(12).collect::<String>();
    let user = user(&store, sample.tenant, &password)?;
    let taken = Instant::now().duration_since(now).as_secs_f32();
    eprintln!("{} deliveries of two systems, in {taken:.1} s", sample.deliveries);
    // From here on it is an ordinary installation, and everything it acknowledges is durable.
    drop(Arc::into_inner(store));
    let store = Arc::new(Store::open(directory.path()).map_err(failed)?);
    let engine = serve::engine(Arc::clone(&store))?;
    let key = new_secret().map_err(failed)?;
    let hooks = Hooks {
        routes: sign_in::routes(Arc::clone(&store), sample.tenant, user, &key),
        on_listening: Some(Box::new(move |address| {
            welcome(address, &key, &password);
            tokio::spawn(live::send(address, sample));
        })),
    };
    serve::run_with(&Options::new(arguments.listen), &engine, hooks)
}

fn welcome(address: SocketAddr, key: &str, password: &str) {
    eprintln!();
    eprintln!("  open      http://{address}{}?key={key}", sign_in::PATH);
    eprintln!("  or sign in as {EMAIL} with the password {password}");
    eprintln!();
    eprintln!("The simulated systems send every few seconds. Everything is gone when this ends (Ctrl-C).");
}

fn user(store: &Store, tenant: i64, password: &str) -> Result<i64, Failure> {
    let hash = salesdash_api::password::hash(password).map_err(|problem| Failure::environment(problem.into_detail()))?;
    let new = NewUser { name: "Robin".to_owned(), email: EMAIL.to_owned(), role: "admin".to_owned(), reveal: true, password: Some(hash) };
    store.write(tenant, move |scope| Ok(scope.create_user(&new)?.id)).map_err(failed)
}
