//! The examples of a type's folder, as input of tests.

use salesdash_providers::ProviderType;
use salesdash_value::{Value, json};

use super::running::{run, told};
use super::shaping;

/// The fields of effects that tests look at.
pub const FIELDS: [&str; 14] = [
    "external_id",
    "external_name",
    "activity_type",
    "agent_external_identity",
    "track",
    "period_type",
    "moment",
    "started_at",
    "ended_at",
    "value",
    "duration",
    "direction",
    "answered",
    "result",
];

/// The body of an example.
pub fn body<'p>(provider: &'p ProviderType, name: &str) -> &'p Value {
    let found = provider.examples.iter().find(|(known, _)| known == name);
    &found.unwrap_or_else(|| panic!("{} has no example {name}", provider.name())).1.body.0
}

/// The records of an example: of a page, of a delivery, or of an answer to an enrichment.
pub fn records(provider: &ProviderType, name: &str) -> Vec<Value> {
    let found = provider.examples.iter().find(|(known, _)| known == name);
    let example = &found.unwrap_or_else(|| panic!("{} has no example {name}", provider.name())).1;
    match (&example.poll, &example.webhook, &example.enrichment) {
        (Some(poll), ..) => shaping::page(provider, &poll.0, &example.body.0),
        (_, Some(webhook), _) => shaping::shaped(provider, &webhook.0, json::to_string(&example.body.0).as_bytes())
            .into_iter()
            .map(|shaped| shaped.record)
            .collect(),
        (.., Some(enrichment)) => shaping::fetched(provider, &enrichment.0, &example.body.0),
        _ => Vec::new(),
    }
}

/// What a preset makes of the record at this position of an example, with the first records of these examples of enrichments, told as
/// [`told`] does with [`FIELDS`].
pub fn outcome(provider: &ProviderType, preset: &str, example: (&str, usize), related: &[&str]) -> Vec<String> {
    let enrichment = |name: &str| {
        let found = provider.examples.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("no example {name}"));
        found.1.enrichment.as_ref().unwrap_or_else(|| panic!("{name} is not of an enrichment")).0.to_string()
    };
    let related: Vec<(String, Value)> = related.iter().map(|name| (enrichment(name), records(provider, name).remove(0))).collect();
    let related: Vec<(&str, Value)> = related.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let record = records(provider, example.0).remove(example.1);
    told(&run(provider, preset, &record, &related), &FIELDS)
}
