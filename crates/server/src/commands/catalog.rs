//! `salesdash catalog`.

use salesdash_value::json;
use salesdash_vocabulary::{catalog, vocabulary};

use crate::exit::{Exit, Failure};
use crate::output;

pub fn run() -> Result<Exit, Failure> {
    output::print(&(json::to_pretty(&catalog::catalog(vocabulary())) + "\n"))?;
    Ok(Exit::Fine)
}
