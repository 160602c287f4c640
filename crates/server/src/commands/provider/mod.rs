//! `salesdash provider`: definitions of provider types.

mod skeleton;

use std::path::Path;

use salesdash_connect::types::{self, Unread};
use salesdash_providers::{FileProblem, ProviderType};
use salesdash_value::{Value, json};

use crate::arguments::{Provider, ProviderCommand};
use crate::commands::table;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::report::locate::locate;

pub fn run(arguments: &Provider) -> Result<Exit, Failure> {
    match &arguments.command {
        ProviderCommand::Check { folders, json } => check(folders, *json),
        ProviderCommand::List { providers, json } => list(providers.as_deref(), *json),
        ProviderCommand::New { name, directory } => new(name, directory),
    }
}

/// Checks folders; every problem of every file is told.
fn check(folders: &[std::path::PathBuf], as_json: bool) -> Result<Exit, Failure> {
    let (mut text, mut report, mut errors) = (String::new(), Vec::new(), false);
    for folder in folders {
        let shown = folder.display().to_string();
        match types::read(folder) {
            Ok(read) => {
                text.push_str(&format!("{shown}: {}\n", sound(&read)));
                report.push(Value::object([("folder", Value::from(shown.as_str())), ("problems", Value::list([]))]));
            }
            Err(Unread::Folder(problem)) => return Err(Failure::environment(problem)),
            Err(Unread::Files(problems)) => {
                errors = true;
                let placed: Vec<(FileProblem, Option<(usize, usize)>)> =
                    problems.into_iter().map(|problem| (problem.clone(), place(folder, &problem))).collect();
                for (FileProblem { file, problem }, place) in &placed {
                    let at = place.map(|(line, column)| format!(":{line}:{column}")).unwrap_or_default();
                    let pointer = if problem.pointer.is_empty() { String::new() } else { format!(" {}", problem.pointer) };
                    text.push_str(&format!("{shown}/{file}{at}: error:{pointer} {}\n", problem.text));
                }
                let count = placed.len();
                text.push_str(&format!("{shown}: {count} {}\n", if count == 1 { "problem" } else { "problems" }));
                let list = placed.iter().map(|(FileProblem { file, problem }, place)| {
                    let number =
                        |number: Option<usize>| number.and_then(|number| i64::try_from(number).ok()).map_or(Value::Null, Value::from);
                    Value::object([
                        ("file", Value::from(file.as_str())),
                        ("pointer", problem.pointer.as_str().into()),
                        ("line", number(place.map(|place| place.0))),
                        ("column", number(place.map(|place| place.1))),
                        ("text", problem.text.as_str().into()),
                    ])
                });
                report.push(Value::object([("folder", Value::from(shown.as_str())), ("problems", Value::list(list))]));
            }
        }
    }
    output::print(&if as_json { json::to_pretty(&Value::list(report)) + "\n" } else { text })?;
    Ok(if errors { Exit::Input } else { Exit::Fine })
}

/// What a sound type holds, in a sentence.
fn sound(read: &ProviderType) -> String {
    let definition = &read.definition;
    let count = |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    let parts = [
        count(definition.polls.0.len(), "poll", "polls"),
        count(definition.webhooks.0.len(), "webhook", "webhooks"),
        count(definition.enrichments.0.len(), "enrichment", "enrichments"),
        count(read.presets.len(), "preset", "presets"),
        count(read.examples.len(), "example", "examples"),
    ];
    format!("no problems ({}: {})", definition.title, parts.join(", "))
}

/// The line and the column of a problem, from 1.
fn place(folder: &Path, problem: &FileProblem) -> Option<(usize, usize)> {
    let text = std::fs::read_to_string(folder.join(&problem.file)).ok().filter(|_| problem.file.ends_with(".json"))?;
    // A file that is no JSON has no place for a pointer to lead to.
    if problem.problem.pointer.is_empty()
        && let Err(error) = json::parse(text.as_bytes(), json::Limits::DEFAULT)
    {
        return Some((error.line, error.column));
    }
    let start = locate(&text, &problem.problem.pointer).start;
    let before = text.get(..start)?;
    let line = before.matches('\n').count() + 1;
    Some((line, before.len() - before.rfind('\n').map_or(0, |newline| newline + 1) + 1))
}

/// Lists the types of a deployment.
fn list(providers: Option<&Path>, as_json: bool) -> Result<Exit, Failure> {
    let types = types::load(providers).map_err(|unread| {
        for (folder, problem) in &unread {
            eprintln!("error: {folder}: {problem}");
        }
        Failure::reported()
    })?;
    let names = |names: Vec<&str>| names.join(", ");
    if as_json {
        let list = types.iter().map(|read| {
            let definition = &read.definition;
            let texts = |names: Vec<&str>| Value::list(names.into_iter().map(Value::from));
            Value::object([
                ("name", Value::Text(definition.name.0.clone())),
                ("title", Value::Text(definition.title.clone())),
                ("summary", Value::Text(definition.summary.clone())),
                ("polls", texts(definition.polls.names().collect())),
                ("webhooks", texts(definition.webhooks.names().collect())),
                ("enrichments", texts(definition.enrichments.names().collect())),
                ("presets", texts(read.presets.iter().map(|(name, _)| name.as_str()).collect())),
                ("notes", Value::list(definition.notes.iter().cloned().map(Value::Text))),
            ])
        });
        output::print(&(json::to_pretty(&Value::list(list)) + "\n"))?;
        return Ok(Exit::Fine);
    }
    let rows = types.iter().map(|read| {
        let definition = &read.definition;
        [
            definition.name.0.to_string(),
            definition.title.to_string(),
            names(definition.polls.names().collect()),
            names(definition.webhooks.names().collect()),
            read.presets.len().to_string(),
        ]
    });
    output::print(&table(&["NAME", "TITLE", "POLLS", "WEBHOOKS", "PRESETS"], rows))?;
    Ok(Exit::Fine)
}

/// Makes the skeleton of a type.
fn new(name: &str, directory: &Path) -> Result<Exit, Failure> {
    let folder = directory.join(name);
    if folder.exists() {
        return Err(Failure::usage(format!("{} is there already", folder.display())));
    }
    for (file, text) in skeleton::files(name) {
        let path = folder.join(file);
        let written = std::fs::create_dir_all(path.parent().unwrap_or(&folder)).and_then(|()| std::fs::write(&path, text));
        written.map_err(|error| Failure::environment(format!("{} cannot be written: {error}", path.display())))?;
    }
    output::print(&format!("{}\n", folder.display()))?;
    eprintln!("fill in `definition.json`, then run `salesdash provider check {}`", folder.display());
    Ok(Exit::Fine)
}
