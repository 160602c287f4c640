//! What the tests of the words share: one expression or one spec, checked and run in a line.

use salesdash_language::check::{Checked, CheckedExpression, Options, check, check_expression};
use salesdash_language::diagnostics::Fault;
use salesdash_language::effect::{NoState, Outcome};
use salesdash_language::evaluate::{Budgets, Context};
use salesdash_language::identity::IdentityKey;
use salesdash_language::model::Models;
use salesdash_language::types::Type;
use salesdash_value::{Instant, Value, json};

use crate::vocabulary;

/// A JSON text as a value.
pub fn parse(text: &str) -> Value {
    json::parse(text.as_bytes(), json::Limits::DEFAULT).unwrap_or_else(|error| panic!("{error:?} in {text}"))
}

/// Does something in a context in which nothing is stored and the clock stands at noon on March 1, 2026.
pub fn with_context<T>(body: impl FnOnce(&Context<'_>) -> T) -> T {
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

/// Checks an expression over variables of these types.
pub fn checked(node: &str, variables: &[(&str, Type)]) -> CheckedExpression {
    check_expression(&parse(node), vocabulary(), variables)
}

/// The codes that the checker has to report on an expression, warnings too.
pub fn codes(node: &str, variables: &[(&str, Type)]) -> Vec<&'static str> {
    checked(node, variables).diagnostics.iter().map(|diagnostic| diagnostic.code.code).collect()
}

/// Evaluates an expression over variables whose types the checker does not know.
pub fn evaluate(node: &str, given: &str) -> Result<Value, Fault> {
    let given = parse(given);
    let given = given.as_object().expect("an object of variables");
    let variables: Vec<_> = given.iter().map(|(name, _)| (name.as_str(), Type::ANY)).collect();
    let values: Vec<_> = given.iter().map(|(_, value)| value.clone()).collect();
    let checked = checked(node, &variables);
    with_context(|context| checked.plan.evaluate_expression(&values, context))
}

/// The code of the error that an expression ends with, evaluated over variables whose types the checker does not know.
pub fn fails(node: &str, given: &str) -> &'static str {
    match evaluate(node, given) {
        Ok(value) => panic!("{node} gives {value:?}"),
        Err(fault) => fault.code.code,
    }
}

/// The document of a spec of these instructions over the source model `deal`.
pub fn document(instructions: &str) -> Value {
    Value::object([
        ("format", Value::from(1)),
        ("source_model", Value::object([("type", Value::from("deal")), ("var", Value::from("deal"))])),
        ("instructions", parse(instructions)),
    ])
}

/// Checks a spec over a source model `deal` with these fields.
pub fn spec_of(document: &Value, fields: &str) -> Checked {
    let (models, problems) = Models::read(&parse(&format!(r#"{{"models": {{"deal": {{"fields": {fields}}}}}}}"#)));
    assert!(problems.is_empty(), "{problems:?}");
    check(document, vocabulary(), &models, Options { projects: true, annotate: false })
}

/// Checks a spec of these instructions over a source model `deal` with these fields.
pub fn spec(instructions: &str, fields: &str) -> Checked {
    spec_of(&document(instructions), fields)
}

/// The codes and pointers of what the checker has to report on a spec, warnings too.
pub fn reports(checked: &Checked) -> Vec<(&'static str, &str)> {
    checked.diagnostics.iter().map(|diagnostic| (diagnostic.code.code, diagnostic.pointer.as_str())).collect()
}

/// Runs a spec over one record.
pub fn run(checked: &Checked, record: &str) -> Outcome {
    with_context(|context| evaluated(checked, &parse(record), context))
}

/// Evaluates a spec over a record, and sees that what it looks at is all that it needs.
pub fn evaluated(checked: &Checked, record: &Value, context: &Context<'_>) -> Outcome {
    let outcome = checked.plan.evaluate(record, context);
    let part = checked.plan.projection().of(record.clone());
    assert_eq!(checked.plan.evaluate(&part, context), outcome, "over {}", json::to_string(&part));
    outcome
}
