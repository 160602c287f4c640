//! `salesdash serve`: the whole system.

use std::path::Path;
use std::sync::Arc;

use salesdash_providers::{Files, Types};

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

/// The largest file of a provider type, in bytes.
const MAX_FILE: u64 = 4 << 20;

/// The provider types that come with the program, and those of a folder: one folder each.
fn types(folder: &Path) -> Result<Types, Failure> {
    let mut types = Types::embedded();
    let mut problems = 0;
    for path in entries(folder)? {
        if !path.is_dir() {
            continue;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut files = Files::new();
        collect(&path, &path, &mut files)?;
        if let Err(found) = types.add(&name, &files) {
            problems += found.len();
            for problem in found {
                eprintln!("error: {}: {problem}", path.display());
            }
        }
    }
    if problems > 0 { Err(Failure::reported()) } else { Ok(types) }
}

/// What lies in a folder, in order; what begins with a dot is left out.
fn entries(folder: &Path) -> Result<Vec<std::path::PathBuf>, Failure> {
    let unreadable = |error: std::io::Error| Failure::environment(format!("{} cannot be read: {error}", folder.display()));
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

fn collect(root: &Path, folder: &Path, files: &mut Files) -> Result<(), Failure> {
    for path in entries(folder)? {
        if path.is_dir() {
            collect(root, &path, files)?;
            continue;
        }
        let unreadable = |error: std::io::Error| Failure::environment(format!("{} cannot be read: {error}", path.display()));
        if path.metadata().map_err(unreadable)?.len() > MAX_FILE {
            return Err(Failure::environment(format!("{} is larger than {} MiB", path.display(), MAX_FILE >> 20)));
        }
        let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        files.insert(name, std::fs::read(&path).map_err(unreadable)?);
    }
    Ok(())
}
