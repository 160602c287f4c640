//! `salesdash check`: every problem of every spec.

use std::path::Path;

use salesdash_language::check::{Options, check};
use salesdash_language::diagnostics::{Diagnostic, Severity};
use salesdash_language::model::Models;
use salesdash_value::{Value, json};
use salesdash_vocabulary::vocabulary;

use crate::arguments::Check;
use crate::documents::{self, Document};
use crate::exit::{Exit, Failure};
use crate::{output, report};

/// No tenant is known here, so nothing is taken to be switched off.
pub const OPTIONS: Options = Options { projects: true, annotate: false };

/// A file, and what is wrong with it.
struct Checked {
    document: Document,
    diagnostics: Vec<Diagnostic>,
}

pub fn run(arguments: &Check) -> Result<Exit, Failure> {
    let mut files = Vec::new();
    let mut unreadable = None;
    let mut models = Models::default();
    if let Some(path) = &arguments.models {
        match documents::declarations(path) {
            Ok((document, declared, diagnostics)) => {
                models = declared;
                // Declarations in order are not a result: the specs are.
                if !diagnostics.is_empty() {
                    files.push(Checked { document, diagnostics });
                }
            }
            Err(failure) => unreadable = Some(failure),
        }
    }
    for path in &arguments.specs {
        match spec(path, &models) {
            Ok(checked) => files.push(checked),
            Err(failure) => {
                // The others are checked all the same.
                if let Some(earlier) = unreadable.replace(failure) {
                    eprintln!("error: {}", earlier.text.unwrap_or_default());
                }
            }
        }
    }
    if arguments.json {
        let list = Value::list(files.iter().map(|file| report::to_value(&file.document, &file.diagnostics)));
        output::print(&(json::to_pretty(&list) + "\n"))?;
    } else {
        let mut text = String::new();
        for file in &files {
            report::to_text(&file.document, &file.diagnostics, &mut text);
            report::summary(&file.document, &file.diagnostics, &mut text);
        }
        output::print(&text)?;
    }
    match unreadable {
        Some(failure) => Err(failure),
        None => {
            let errors = files.iter().flat_map(|file| &file.diagnostics).any(|diagnostic| diagnostic.severity == Severity::Error);
            Ok(if errors { Exit::Input } else { Exit::Fine })
        }
    }
}

fn spec(path: &Path, models: &Models) -> Result<Checked, Failure> {
    let document = documents::read(path)?;
    let diagnostics = if document.problems.is_empty() {
        check(&document.value, vocabulary(), models, OPTIONS).diagnostics
    } else {
        document.problems.clone()
    };
    Ok(Checked { document, diagnostics })
}
