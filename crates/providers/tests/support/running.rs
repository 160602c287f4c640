//! Presets run over records.

use jiff::tz::TimeZone;
use salesdash_language::check::{Options, check};
use salesdash_language::effect::{Effect, NoState, Outcome, Status};
use salesdash_language::evaluate::{Budgets, Context};
use salesdash_language::identity::IdentityKey;
use salesdash_language::model::conform;
use salesdash_providers::ProviderType;
use salesdash_value::{Text, Value, datetime, json};
use salesdash_vocabulary::vocabulary;

/// Records that enrichments give, by the name of the enrichment in the definition. What is not among them is missing.
pub type Related<'r> = &'r [(&'r str, Value)];

/// Runs a preset over one record, with these enrichments, at noon on March 1, 2026.
pub fn run(provider: &ProviderType, preset: &str, record: &Value, related: Related<'_>) -> Outcome {
    let known = provider.preset(preset).unwrap_or_else(|| panic!("{} has no preset {preset}", provider.name()));
    let models = provider.definition.models();
    let checked = check(&known.spec.0, vocabulary(), &models, Options { projects: true, annotate: false });
    assert!(checked.diagnostics.is_empty(), "{preset}: {:?}", checked.diagnostics);
    let values = known.constants.0.iter().map(|(name, value)| (name.clone(), value.0.clone()));
    let constants = checked.plan.bind_constants(&Value::object(values)).unwrap_or_else(|problems| panic!("{preset}: {problems:?}"));
    let record = enriched(provider, &known.spec.0, record, related);
    let record = conform(record, checked.plan.source(), &TimeZone::UTC);
    let context = Context {
        tenant: 0,
        provider: 0,
        at: super::noon(),
        timezone: &TimeZone::UTC,
        country: Some("NL"),
        key: &IdentityKey::new(IdentityKey::DEVELOPMENT.as_bytes()),
        constants: &constants,
        state: &NoState,
        budgets: Budgets::DEFAULT,
    };
    let outcome = checked.plan.evaluate(&record, &context);
    // What the program looks at is all that it needs.
    let part = checked.plan.projection().of(record);
    assert_eq!(checked.plan.evaluate(&part, &context), outcome, "{preset}");
    outcome
}

/// The record with the enrichments of a spec hung on it. Those that are not among `related` are null; of `named_fields`, an empty list.
fn enriched(provider: &ProviderType, spec: &Value, record: &Value, related: Related<'_>) -> Value {
    let definition = &provider.definition;
    let model = spec.get("source_model").and_then(|model| model.get("type")).and_then(Value::as_text).expect("a source model");
    let variable = spec.get("source_model").and_then(|model| model.get("var")).and_then(Value::as_text).unwrap_or(model);
    // Every part with its name, its parent, its model and its value; the record first.
    let mut parts: Vec<(String, usize, Text, Value)> = vec![(variable.to_owned(), 0, Text::new(model), record.clone())];
    for entry in spec.get("enrichments").and_then(Value::as_list).unwrap_or_default() {
        let text = |key: &str| entry.get(key).and_then(Value::as_text).expect("a text").to_owned();
        let on = text("on");
        let on = on.rsplit('.').next().expect("a name");
        let parent = parts.iter().position(|(name, ..)| name == on).expect("a parent");
        let reference = definition.models.get(&parts[parent].2).and_then(|model| model.enrichments.get(&text("type")));
        let fetch = reference.expect("the model offers it").fetch.0.clone();
        let yields = definition.yields(&fetch).expect("known").clone();
        let found = related.iter().find(|(name, _)| *name == fetch.as_str()).map(|(_, value)| value.clone());
        let is_named_fields =
            matches!(definition.enrichments.get(&fetch), Some(salesdash_providers::definition::enrichment::Enrichment::NamedFields(_)));
        let empty = if is_named_fields { super::parse(r#"{"list": []}"#) } else { Value::Null };
        parts.push((text("as"), parent, yields, found.unwrap_or(empty)));
    }
    while parts.len() > 1 {
        let (name, parent, _, value) = parts.pop().expect("more than one");
        let parent = &mut parts[parent].3;
        // What hangs on something missing is missing with it.
        if let Value::Object(fields) = &*parent {
            *parent = Value::object(fields.iter().cloned().chain([(Text::new(name), value)]));
        }
    }
    parts.swap_remove(0).3
}

/// Runs every preset of a type that takes this model over each record, and panics where one fails. What a preset skips is skipped.
/// Returns how many effects there were in all.
pub fn assert_run<'v>(
    provider: &ProviderType,
    model: &str,
    records: impl IntoIterator<Item = &'v Value>,
    related: Related<'_>,
    what: &str,
) -> usize {
    let takes = |spec: &Value| spec.get("source_model").and_then(|model| model.get("type")).and_then(Value::as_text) == Some(model);
    let presets: Vec<&Text> = provider.presets.iter().filter(|(_, preset)| takes(&preset.spec.0)).map(|(name, _)| name).collect();
    let mut effects = 0;
    for record in records {
        for preset in &presets {
            let outcome = run(provider, preset, record, related);
            let said: Vec<_> = outcome.messages.iter().map(|message| format!("{} at {}", message.text, message.node)).collect();
            assert!(matches!(outcome.status, Status::Succeeded | Status::Skipped), "{what}: {preset}: {}", said.join("\n"));
            effects += outcome.effects.len();
        }
    }
    effects
}

/// The effects of an outcome in a form that can be compared: `upsert_activity won|d1 Deal | won 2026-03-01T12:00:00Z 1500.5`, that is
/// the operation with the given fields, `-` for what is null or left out, identities and records as their external ids.
pub fn told(outcome: &Outcome, fields: &[&str]) -> Vec<String> {
    let field = |effect: &Effect, name: &str| match effect.field(name) {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::Text(text)) => text.to_string(),
        Some(Value::Datetime(instant)) => datetime::rfc3339(*instant).to_string(),
        Some(Value::Identity(identity)) => identity.external_id.to_string(),
        Some(other) => json::to_string(other),
    };
    let told = |effect: &Effect| {
        let values: Vec<String> = fields.iter().filter(|name| effect.field(name).is_some()).map(|name| field(effect, name)).collect();
        format!("{} {}", effect.operation, values.join(" "))
    };
    outcome.effects.iter().map(told).collect()
}
