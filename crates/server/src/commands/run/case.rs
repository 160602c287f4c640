//! A test case: one execution as the web application downloads it, with its spec, its record and everything else that it ran with, and what it
//! came to. Running it tells whether it still comes to that.

use std::fmt::Write;

use jiff::tz::TimeZone;
use salesdash_language::check::check;
use salesdash_language::effect::NoState;
use salesdash_language::evaluate::{Budgets, Context};
use salesdash_language::mask::MASK;
use salesdash_language::model::{self, Models};
use salesdash_language::render;
use salesdash_value::{Value, datetime, zone};
use salesdash_vocabulary::vocabulary;

use super::line::write_outcome;
use super::{NOBODY, key};
use crate::arguments::Run;
use crate::commands::check::OPTIONS;
use crate::documents::Document;
use crate::exit::{Exit, Failure};
use crate::{output, report};

/// What is not compared: ids and hashes depend on the installation, and what became of a write on what is stored there.
const APART: [&str; 5] = ["id", "kind", "outcome", "contact_key", "phone_number"];

/// Whether a document is a test case, and no spec.
pub fn is_one(document: &Document) -> bool {
    document.value.get("test_case").is_some() && document.value.get("spec").is_some()
}

pub fn run(mut document: Document, arguments: &Run) -> Result<Exit, Failure> {
    if arguments.models.is_some() || arguments.constants.is_some() || !arguments.inputs.is_empty() {
        return Err(Failure::usage("a test case holds its record, its models and its constants: give it alone"));
    }
    let whole = document.value.clone();
    let part = |name: &str| whole.get(name).cloned().unwrap_or_default();
    let text = |name: &str| part(name).as_text().map(str::to_owned);
    let (spec, record, expected) = (part("spec"), part("record"), part("expected"));
    let (models, mut problems) = Models::read(&Value::object([("models", part("models"))]));
    let checked = check(&spec, vocabulary(), &models, OPTIONS);
    let Some(plan) = checked.runnable().cloned() else {
        problems.extend(checked.diagnostics);
        document.value = spec;
        report::to_stderr(&document, &problems);
        return Err(Failure::reported());
    };
    let constants = plan.bind_constants(&part("constants")).map_err(|problems| {
        report::to_stderr(&document, &problems);
        Failure::reported()
    })?;
    let timezone = text("timezone").and_then(|name| zone::get(&name)).unwrap_or(TimeZone::UTC);
    let at = arguments.at.or_else(|| datetime::parse_iso(&text("at")?, &TimeZone::UTC)).unwrap_or_else(salesdash_value::Instant::now);
    let (key, country) = (key(arguments.identity_key.as_deref()), text("country"));
    let context = Context {
        tenant: NOBODY,
        provider: NOBODY,
        at,
        timezone: &timezone,
        country: country.as_deref(),
        key: &key,
        constants: &constants,
        state: &NoState,
        budgets: Budgets::DEFAULT,
    };
    let record = model::conform(record, plan.source(), &timezone);
    let (outcome, log) = plan.trace(&record, &context);
    let trace = arguments.trace.then(|| log.tree(&plan, &outcome, false));
    let mut line = String::new();
    write_outcome(1, &plan, &outcome, trace.as_ref(), &mut line);
    output::print(&line)?;
    let mut differences = Vec::new();
    if expected.get("status").is_some_and(|status| *status != Value::from(outcome.status.name())) {
        differences.push(format!("status: expected {}, and it is `{}`", shown(expected.get("status")), outcome.status.name()));
    }
    let (wanted, made) = (list(expected.get("effects")), list(Some(&render::effects(&plan, &outcome))));
    for place in 0..wanted.len().max(made.len()) {
        compare(place, wanted.get(place), made.get(place), &mut differences);
    }
    if differences.is_empty() {
        let effects = if made.len() == 1 { "effect" } else { "effects" };
        eprintln!("as expected: {}, {} {effects}", outcome.status.name(), made.len());
        return Ok(Exit::Fine);
    }
    let mut text = String::from("it comes to something else than expected:\n");
    for difference in &differences {
        writeln!(text, "  {difference}").expect("writing to a string");
    }
    eprint!("{text}");
    Ok(Exit::Input)
}

fn list(value: Option<&Value>) -> Vec<Value> {
    match value {
        Some(Value::List(items)) => items.to_vec(),
        _ => Vec::new(),
    }
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), |value| format!("`{}`", salesdash_value::json::to_string(value)))
}

/// What two effects differ in. What is masked in the file cannot be compared.
fn compare(place: usize, wanted: Option<&Value>, made: Option<&Value>, differences: &mut Vec<String>) {
    let (Some(wanted), Some(made)) = (wanted, made) else {
        differences.push(format!("effect {}: expected {}, and it is {}", place + 1, shown(wanted), shown(made)));
        return;
    };
    let names = |value: &Value| value.as_object().unwrap_or_default().iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    let mut all = names(wanted);
    all.extend(names(made).into_iter().filter(|name| wanted.get(name).is_none()));
    for name in all.iter().filter(|name| !APART.contains(&name.as_str())) {
        let (before, after) = (wanted.get(name), made.get(name));
        let masked = [before, after].into_iter().flatten().any(|value| *value == Value::from(MASK));
        if before != after && !masked {
            differences.push(format!("effect {}, `{name}`: expected {}, and it is {}", place + 1, shown(before), shown(after)));
        }
    }
}
