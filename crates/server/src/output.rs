//! Results on standard output.

use std::io::{ErrorKind, Write};

use crate::exit::{Exit, Failure};

/// Prints results.
///
/// # Errors
/// Where they cannot be written. Where nobody reads them any more (`| head`), the command ends quietly.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| unwritable(&error))
}

/// What a failure to write standard output means.
pub fn unwritable(error: &std::io::Error) -> Failure {
    if error.kind() == ErrorKind::BrokenPipe {
        Failure { exit: Exit::Fine, text: None }
    } else {
        Failure::environment(format!("standard output cannot be written: {error}"))
    }
}
