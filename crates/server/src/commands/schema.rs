//! `salesdash schema`.

use salesdash_value::json;
use salesdash_vocabulary::{schema, vocabulary};

use crate::exit::{Exit, Failure};
use crate::output;

pub fn run() -> Result<Exit, Failure> {
    output::print(&(json::to_pretty(&schema::schema(vocabulary())) + "\n"))?;
    Ok(Exit::Fine)
}
