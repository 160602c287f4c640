//! Runs every example of every word: they are the first tests of each.

use salesdash_language::check::{Options, check, check_expression, type_of};
use salesdash_language::diagnostics::Severity;
use salesdash_language::meta::{Example, ExpressionMeta, Gives, InstructionExample};
use salesdash_language::model::Models;
use salesdash_language::render;
use salesdash_language::types::Accepts;
use salesdash_value::{Value, json};

use crate::testing::{evaluated, parse, with_context};
use crate::vocabulary;

/// Runs one example of an expression.
///
/// # Errors
/// What is not as the example says.
fn run(word: &ExpressionMeta, example: &Example) -> Result<(), String> {
    let is = |name: &str| parse(example.node).get("type").and_then(Value::as_text) == Some(name);
    let given = if example.given.is_empty() { Value::object::<&str>([]) } else { parse(example.given) };
    let given = given.as_object().ok_or("`given` is not an object")?.to_vec();
    let variables: Vec<_> = given.iter().map(|(name, value)| (name.as_str(), type_of(value))).collect();
    let checked = check_expression(&parse(example.node), vocabulary(), &variables);
    let reported: Vec<String> = checked.diagnostics.iter().map(ToString::to_string).collect();
    let errors = || checked.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
    // What an example shows at run time may be known to the checker as well, with the same code.
    let as_expected = match example.gives {
        Gives::Refused(code) => checked.diagnostics.iter().any(|diagnostic| diagnostic.code.code == code),
        Gives::Error(code) => errors().all(|error| error.code.code == code),
        Gives::Value(_) => errors().next().is_none(),
    };
    if !as_expected {
        return Err(format!("{:?}, but the checker reports {reported:#?}", example.gives));
    }
    let values: Vec<_> = given.iter().map(|(_, value)| value.clone()).collect();
    match (example.gives, with_context(|context| checked.plan.evaluate_expression(&values, context))) {
        (Gives::Refused(_), _) => Ok(()),
        // An example can also show a word inside others.
        (Gives::Value(_), Ok(value)) if is(word.name) && !fits(&value, word.gives) => {
            Err(format!("it says that it gives {}, but gives {}", word.gives, value.kind_name()))
        }
        (Gives::Value(expected), Ok(value)) if json::to_string(&value) == json::to_string(&parse(expected)) => Ok(()),
        (Gives::Error(code), Err(fault)) if fault.code.code == code => Ok(()),
        (expected, Ok(value)) => Err(format!("{expected:?}, but it gives {}", json::to_string(&value))),
        (expected, Err(fault)) => Err(format!("{expected:?}, but it fails with {}: {}", fault.code.code, fault.text)),
    }
}

/// Whether a value is of what a word says it gives.
fn fits(value: &Value, gives: Accepts) -> bool {
    gives.contains(match value {
        Value::Null => return true,
        Value::Boolean(_) => Accepts::BOOLEAN,
        Value::Number(_) | Value::BigNumber(_) => Accepts::NUMBER,
        Value::Text(_) => Accepts::STRING,
        Value::Datetime(_) => Accepts::DATETIME,
        Value::List(_) => Accepts::ARRAY,
        Value::Object(_) => Accepts::OBJECT,
        Value::Identity(identity) => Accepts::identity(identity.kind),
        Value::Record(_) => Accepts::RECORD,
    })
}

/// Runs one example of an instruction.
///
/// # Errors
/// What is not as the example says.
fn run_instructions(example: &InstructionExample) -> Result<(), String> {
    let spec = Value::object([
        ("format", Value::from(1)),
        ("source_model", Value::object([("type", Value::from("example")), ("var", Value::from("event"))])),
        ("instructions", parse(example.instructions)),
    ]);
    let checked = check(&spec, vocabulary(), &Models::default(), Options { projects: true, annotate: false });
    let errors: Vec<String> =
        checked.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).map(ToString::to_string).collect();
    if !errors.is_empty() {
        return Err(format!("the checker reports {errors:#?}"));
    }
    let record = parse(example.given);
    let (outcome, effects) = with_context(|context| {
        let outcome = evaluated(&checked, &record, context);
        let effects = render::effects(&checked.plan, &outcome);
        (outcome, effects)
    });
    if outcome.status.name() != example.status {
        return Err(format!("{}, but it ends as {}: {:#?}", example.status, outcome.status.name(), outcome.messages));
    }
    let without_ids = Value::list(
        effects
            .as_list()
            .unwrap_or_default()
            .iter()
            .map(|effect| Value::object(effect.as_object().unwrap_or_default().iter().filter(|(key, _)| key != "id").cloned())),
    );
    let expected = parse(example.effects);
    if json::to_string(&without_ids) == json::to_string(&expected) {
        Ok(())
    } else {
        Err(format!("the effects are {}", json::to_pretty(&without_ids)))
    }
}

/// Fails with every example that does not hold.
fn all_hold(results: impl IntoIterator<Item = (&'static str, &'static str, Result<(), String>)>) {
    let broken: Vec<String> = results
        .into_iter()
        .filter_map(|(name, title, result)| result.err().map(|problem| format!("{name}: {title}: expected {problem}")))
        .collect();
    assert!(broken.is_empty(), "{} examples do not hold:\n{}", broken.len(), broken.join("\n"));
}

#[test]
fn every_example_of_every_expression_holds() {
    let metas = vocabulary().expressions().iter().map(|word| word.meta());
    all_hold(metas.flat_map(|meta| meta.examples.iter().map(|example| (meta.name, example.title, run(meta, example)))));
}

#[test]
fn every_example_of_every_instruction_holds() {
    let metas = vocabulary().instructions().iter().map(|word| word.meta());
    all_hold(metas.flat_map(|meta| meta.examples.iter().map(|example| (meta.name, example.title, run_instructions(example)))));
}

#[test]
fn every_word_is_documented() {
    for meta in vocabulary().expressions().iter().map(|word| word.meta()) {
        assert!(!meta.examples.is_empty(), "{} has no example", meta.name);
        assert!(meta.docs.len() > 40 && !meta.summary.ends_with('.') && !meta.search_terms.is_empty(), "{}", meta.name);
        assert!(meta.arguments.iter().all(|argument| !argument.summary.is_empty()), "{}", meta.name);
    }
    for meta in vocabulary().instructions().iter().map(|word| word.meta()) {
        assert!(!meta.examples.is_empty(), "{} has no example", meta.name);
        assert!(meta.docs.len() > 40 && !meta.summary.ends_with('.') && !meta.search_terms.is_empty(), "{}", meta.name);
        assert!(meta.fields.iter().all(|field| !field.summary.is_empty()), "{}", meta.name);
    }
}
