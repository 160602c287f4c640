//! `salesdash serve`: the whole system.

use std::sync::Arc;

use crate::arguments::{Serve, ServerRole};
use crate::commands::open;
use crate::exit::{Exit, Failure};
use crate::serve::{self, Options, logs};

pub fn run(arguments: &Serve) -> Result<Exit, Failure> {
    if arguments.database.is_some() {
        let text = "this version has the embedded database only; leave `--database` out, and say with `--data` where its files lie";
        return Err(Failure::usage(text));
    }
    logs::start(arguments.log);
    if !arguments.roles.contains(&ServerRole::Api) {
        let text = "with the embedded database one process does everything, so `--roles` must hold `api`; leave it out";
        return Err(Failure::usage(text));
    }
    let engine = serve::engine(Arc::new(open(&arguments.data)?))?;
    let work = arguments.roles.contains(&ServerRole::Worker);
    let options = Options { listen: arguments.listen, public_url: arguments.public_url.clone(), work };
    serve::run(&options, &engine)
}
