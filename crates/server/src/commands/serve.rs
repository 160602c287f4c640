//! `salesdash serve`: the whole system.

use std::sync::Arc;

use crate::arguments::Serve;
use crate::commands::open;
use crate::exit::{Exit, Failure};
use crate::serve::{self, Options, logs};

pub fn run(arguments: &Serve) -> Result<Exit, Failure> {
    if arguments.database.is_some() {
        let text = "this version has the embedded database only; leave `--database` out, and say with `--data` where its files lie";
        return Err(Failure::usage(text));
    }
    logs::start(arguments.log);
    let store = Arc::new(open(&arguments.data)?);
    let options = Options { listen: arguments.listen, public_url: arguments.public_url.clone() };
    serve::run(&options, store)
}
