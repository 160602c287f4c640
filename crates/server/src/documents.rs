//! Reading the documents that commands are given: specs, models, constants.

use std::io::Read;
use std::path::Path;

use salesdash_language::codes;
use salesdash_language::diagnostics::{Diagnostic, Severity};
use salesdash_language::model::Models;
use salesdash_value::json::{self, Limits};
use salesdash_value::{Text, Value};

use crate::exit::{Exit, Failure};
use crate::report;

/// The largest document, in bytes.
pub const MAX_DOCUMENT: u64 = 64 << 20;

/// A document as it was read.
pub struct Document {
    /// Its name in messages.
    pub name: String,
    /// Its text.
    pub text: String,
    /// What it says; null where it is not JSON.
    pub value: Value,
    /// What is wrong with it before anything is made of it: that it is not JSON.
    pub problems: Vec<Diagnostic>,
    /// Where the problem lies, as byte offset in the text, where it is not JSON.
    pub stopped_at: Option<usize>,
}

/// The name of a file in messages.
pub fn name(path: &Path) -> String {
    if path == Path::new("-") { "<standard input>".to_owned() } else { path.display().to_string() }
}

/// Reads a document; `-` is standard input.
///
/// # Errors
/// Where the file cannot be read. One that is not JSON is read, and says so.
pub fn read(path: &Path) -> Result<Document, Failure> {
    let name = name(path);
    let unreadable = |error: std::io::Error| Failure::environment(format!("{name} cannot be read: {error}"));
    let mut bytes = Vec::new();
    let size = if path == Path::new("-") {
        std::io::stdin().lock().take(MAX_DOCUMENT + 1).read_to_end(&mut bytes).map_err(unreadable)?
    } else {
        let file = std::fs::File::open(path).map_err(unreadable)?;
        if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
            return Err(Failure::environment(format!("{name} cannot be read: it is a folder")));
        }
        file.take(MAX_DOCUMENT + 1).read_to_end(&mut bytes).map_err(unreadable)?
    };
    if size as u64 > MAX_DOCUMENT {
        let text = format!("the document is larger than {} MiB", MAX_DOCUMENT >> 20);
        return Ok(Document { name, text: String::new(), value: Value::Null, problems: vec![not_json(text)], stopped_at: None });
    }
    let result = json::parse(&bytes, Limits::DEFAULT);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(match result {
        Ok(value) => Document { name, text, value, problems: Vec::new(), stopped_at: None },
        Err(error) => {
            let stopped_at = offset(&text, error.line, error.column);
            Document { name, text, value: Value::Null, problems: vec![not_json(error.to_string())], stopped_at: Some(stopped_at) }
        }
    })
}

fn not_json(text: String) -> Diagnostic {
    Diagnostic { code: &codes::NOT_JSON, severity: Severity::Error, pointer: Text::default(), instruction: None, text, fixes: Vec::new() }
}

/// The byte offset of a line and a column, both from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let mut at = (start + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Reads the declarations of source models, and reports what is wrong with them.
///
/// # Errors
/// Where the file cannot be read, or has errors.
pub fn models(path: Option<&Path>) -> Result<Models, Failure> {
    let Some(path) = path else { return Ok(Models::default()) };
    let (document, models, diagnostics) = declarations(path)?;
    if diagnostics.is_empty() {
        return Ok(models);
    }
    report::to_stderr(&document, &diagnostics);
    Err(Failure { exit: Exit::Input, text: None })
}

/// Reads the declarations of source models, with everything that is wrong with them.
///
/// # Errors
/// Where the file cannot be read.
pub fn declarations(path: &Path) -> Result<(Document, Models, Vec<Diagnostic>), Failure> {
    let document = read(path)?;
    if !document.problems.is_empty() {
        let problems = document.problems.clone();
        return Ok((document, Models::default(), problems));
    }
    let (models, diagnostics) = Models::read(&document.value);
    Ok((document, models, diagnostics))
}
