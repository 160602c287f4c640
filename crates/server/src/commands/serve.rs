//! `salesdash serve`: the whole system.

use std::path::Path;
use std::sync::Arc;

use salesdash_connect::types::{self, Unread};
use salesdash_providers::Types;

use crate::arguments::{Serve, ServerRole};
use crate::commands::open;
use crate::exit::{Exit, Failure};
use crate::serve::telemetry::Telemetry;
use crate::serve::{self, Options, logs};

pub fn run(arguments: &Serve) -> Result<Exit, Failure> {
    if arguments.database.is_some() {
        let text = "this version has the embedded database only; leave `--database` out, and say with `--data` where its files lie";
        return Err(Failure::usage(text));
    }
    let telemetry = Telemetry::start(arguments.otlp.as_deref())?;
    logs::start(arguments.log, telemetry.as_ref());
    if !arguments.roles.contains(&ServerRole::Api) {
        let text = "with the embedded database one process does everything, so `--roles` must hold `api`; leave it out";
        return Err(Failure::usage(text));
    }
    let types = match &arguments.providers {
        Some(folder) => types(folder)?,
        None => Types::embedded(),
    };
    let engine = serve::engine(Arc::new(open(&arguments.data)?))?;
    let options = Options {
        public_url: arguments.public_url.clone(),
        work: arguments.roles.contains(&ServerRole::Worker),
        poll: arguments.roles.contains(&ServerRole::Scheduler),
        types,
        allowed: arguments.allow_address.clone(),
        ..Options::new(arguments.listen)
    };
    serve::run(&options, &engine)
}

/// The provider types that come with the program, and those of a folder: one folder each.
fn types(folder: &Path) -> Result<Types, Failure> {
    types::load(Some(folder)).map_err(|problems| {
        let mut broken = None;
        for (folder, problem) in problems {
            match problem {
                Unread::Folder(text) => broken = Some(format!("{folder}: {text}")),
                Unread::Files(found) => found.iter().for_each(|problem| eprintln!("error: {folder}: {problem}")),
            }
        }
        broken.map_or_else(Failure::reported, Failure::environment)
    })
}
