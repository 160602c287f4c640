//! Runs every example of every word: they are the first tests of each.

use salesdash_language::check::{Options, check, check_expression, type_of};
use salesdash_language::diagnostics::Severity;
use salesdash_language::effect::NoState;
use salesdash_language::evaluate::{Budgets, Context};
use salesdash_language::identity::IdentityKey;
use salesdash_language::meta::{Example, Gives};
use salesdash_language::model::Models;
use salesdash_language::render;
use salesdash_value::{Instant, Value, json};

use crate::vocabulary;

fn parse(text: &str) -> Value {
    json::parse(text.as_bytes(), json::Limits::DEFAULT).unwrap_or_else(|error| panic!("{error:?} in {text}"))
}

fn with_context<T>(body: impl FnOnce(&Context<'_>) -> T) -> T {
    body(&Context {
        tenant: 0,
        provider: 0,
        at: "2026-03-01T12:00:00Z".parse::<Instant>().expect("an instant"),
        timezone: &jiff::tz::TimeZone::UTC,
        country: None,
        key: &IdentityKey::new(IdentityKey::DEVELOPMENT.as_bytes()),
        constants: &[],
        state: &NoState,
        budgets: Budgets::DEFAULT,
    })
}

fn run(name: &str, example: &Example) {
    let title = format!("{name}: {}", example.title);
    let given = if example.given.is_empty() { Value::object::<&str>([]) } else { parse(example.given) };
    let given = given.as_object().unwrap_or_else(|| panic!("{title}: `given` is an object")).to_vec();
    let variables: Vec<_> = given.iter().map(|(name, value)| (name.as_str(), type_of(value))).collect();
    let checked = check_expression(&parse(example.node), vocabulary(), &variables);
    let errors: Vec<_> = checked.diagnostics.iter().filter(|d| d.severity == Severity::Error).collect();
    if let Gives::Refused(code) = example.gives {
        assert!(checked.diagnostics.iter().any(|d| d.code.code == code), "{title}: refused with {code}, got {:?}", checked.diagnostics);
        return;
    }
    // What an example shows at run time may be known to the checker as well, with the same code.
    match example.gives {
        Gives::Error(code) => assert!(errors.iter().all(|error| error.code.code == code), "{title}: {errors:?}"),
        _ => assert!(errors.is_empty(), "{title}: {errors:?}"),
    }
    let values: Vec<_> = given.iter().map(|(_, value)| value.clone()).collect();
    let result = with_context(|context| checked.plan.evaluate_expression(&values, context));
    match (example.gives, result) {
        (Gives::Value(expected), Ok(value)) => {
            assert_eq!(json::to_string(&value), json::to_string(&parse(expected)), "{title}");
        }
        (Gives::Error(code), Err(fault)) => assert_eq!(fault.code.code, code, "{title}: {}", fault.text),
        (expected, got) => panic!("{title}: expected {expected:?}, got {got:?}"),
    }
}

#[test]
fn every_example_of_every_expression_holds() {
    for word in vocabulary().expressions() {
        let meta = word.meta();
        assert!(!meta.examples.is_empty(), "{} has no example", meta.name);
        for example in meta.examples {
            run(meta.name, example);
        }
    }
}

#[test]
fn every_example_of_every_instruction_holds() {
    for word in vocabulary().instructions() {
        let meta = word.meta();
        assert!(!meta.examples.is_empty(), "{} has no example", meta.name);
        for example in meta.examples {
            let title = format!("{}: {}", meta.name, example.title);
            let spec = Value::object([
                ("format", Value::from(1)),
                ("source_model", Value::object([("type", Value::from("example")), ("var", Value::from("event"))])),
                ("instructions", parse(example.instructions)),
            ]);
            let checked = check(&spec, vocabulary(), &Models::default(), Options { projects: true, annotate: false });
            assert!(!checked.has_errors(), "{title}: {:?}", checked.diagnostics);
            let record = parse(example.given);
            let (outcome, effects) = with_context(|context| {
                let outcome = checked.plan.evaluate(&record, context);
                let effects = render::effects(&checked.plan, &outcome);
                (outcome, effects)
            });
            assert_eq!(outcome.status.name(), example.status, "{title}: {:?}", outcome.messages);
            let without_ids = Value::list(effects.as_list().unwrap_or_default().iter().map(|effect| {
                Value::object(effect.as_object().unwrap_or_default().iter().filter(|(key, _)| key != "id").cloned())
            }));
            assert_eq!(json::to_pretty(&without_ids), json::to_pretty(&parse(example.effects)), "{title}");
        }
    }
}

#[test]
fn every_word_is_documented() {
    for meta in vocabulary().expressions().iter().map(|word| word.meta()) {
        assert!(meta.docs.len() > 40 && !meta.summary.ends_with('.') && !meta.search_terms.is_empty(), "{}", meta.name);
        assert!(meta.arguments.iter().all(|argument| !argument.summary.is_empty()), "{}", meta.name);
    }
    for meta in vocabulary().instructions().iter().map(|word| word.meta()) {
        assert!(meta.docs.len() > 40 && !meta.summary.ends_with('.') && !meta.search_terms.is_empty(), "{}", meta.name);
        assert!(meta.fields.iter().all(|field| !field.summary.is_empty()), "{}", meta.name);
    }
}
