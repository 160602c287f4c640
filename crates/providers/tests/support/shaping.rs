//! From answers and deliveries to records, as a definition says.

use std::collections::BTreeMap;

use salesdash_providers::body::{BodyLimits, Received};
use salesdash_providers::definition::enrichment::{ById, Enrichment, Table};
use salesdash_providers::definition::http::{Each, Listing};
use salesdash_providers::interpret::records::{Origin, each, listed};
use salesdash_providers::interpret::variables::Given;
use salesdash_providers::interpret::webhook::{Shaped, take};
use salesdash_providers::verification::{Handshake, Secrets, Verification};
use salesdash_providers::{ProviderType, Request, identify};
use salesdash_value::{Instant, Text, Value, json};

use super::{conformance, noon, running};

/// A delivery, with what is needed to judge it.
pub struct Delivery {
    pub method: &'static str,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub secrets: Secrets,
    pub now: Instant,
}

impl Delivery {
    /// A `POST` of JSON, to nowhere in particular, at noon.
    pub fn of(body: impl Into<Vec<u8>>) -> Self {
        Self {
            method: "POST",
            url: "https://salesdash.example/hooks/x".to_owned(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.into(),
            secrets: Secrets::new(),
            now: noon(),
        }
    }

    /// The same, with a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same, with a secret of the source.
    pub fn secret(mut self, name: &str, value: &str) -> Self {
        self.secrets.add(name, value);
        self
    }
}

/// What became of a delivery.
#[derive(Debug, PartialEq)]
pub enum Taken {
    /// A handshake, with this answer.
    Handshake(String),
    /// These records.
    Records(Vec<Shaped>),
    /// It is not from who it should be from: the name of the refusal.
    Refused(String),
}

impl Taken {
    /// The records.
    pub fn records(self) -> Vec<Shaped> {
        match self {
            Self::Records(records) => records,
            other => panic!("no records: {other:?}"),
        }
    }
}

/// What the definition says becomes of a delivery: handshake, verification on the exact bytes, records.
pub fn deliver(provider: &ProviderType, webhook: &str, delivery: &Delivery) -> Taken {
    let rules = provider.definition.webhooks.get(webhook).unwrap_or_else(|| panic!("{} has no webhook {webhook}", provider.name()));
    let headers: Vec<(&str, &[u8])> = delivery.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let request = Request { method: delivery.method, url: &delivery.url, headers: &headers, body: &delivery.body };
    let answer = Handshake::answer(&rules.handshakes, &request);
    if let Some(answer) = answer.as_ref().filter(|answer| !answer.must_be_verified) {
        return Taken::Handshake(answer.body.clone());
    }
    let verification = rules.verification.clone().unwrap_or(Verification::SecretUrl);
    if let Err(refusal) = verification.verify(&request, &delivery.secrets, delivery.now) {
        return Taken::Refused(refusal.name().to_owned());
    }
    answer.map_or_else(|| Taken::Records(shape(provider, webhook, &request, delivery.now)), |answer| Taken::Handshake(answer.body))
}

/// The records of a delivery that is known to be genuine.
fn shape(provider: &ProviderType, webhook: &str, request: &Request<'_>, now: Instant) -> Vec<Shaped> {
    let rules = provider.definition.webhooks.get(webhook).expect("known");
    let content_type = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let content_type = content_type.and_then(|(_, value)| std::str::from_utf8(value).ok());
    let body = rules.body.clone().unwrap_or_default();
    let received = Received::read(content_type, request.body, &body, &BodyLimits::DEFAULT);
    let received = received.unwrap_or_else(|error| panic!("{webhook}: {error}"));
    let given = given(provider).with_source(&rules.settings, &Value::Null);
    take(rules, &given, request, &received.records, now).unwrap_or_else(|error| panic!("{webhook}: {error}"))
}

/// The records of a delivery, without asking whether it is genuine: for payloads whose signature is not known.
pub fn shaped(provider: &ProviderType, webhook: &str, body: &[u8]) -> Vec<Shaped> {
    let headers: [(&str, &[u8]); 1] = [("content-type", b"application/json")];
    shape(provider, webhook, &Request { method: "POST", url: "https://salesdash.example/hooks/x", headers: &headers, body }, noon())
}

/// What is known of a connection in which nothing is filled in.
fn given(provider: &ProviderType) -> Given {
    Given::connection(&provider.definition.settings, &Value::Null, &Value::Null)
}

/// The records of one page of a poll.
pub fn page(provider: &ProviderType, poll: &str, body: &Value) -> Vec<Value> {
    let rules = provider.definition.polls.get(poll).unwrap_or_else(|| panic!("{} has no poll {poll}", provider.name()));
    let given = given(provider).with_source(&rules.settings, &Value::Null);
    listing(&rules.list, &given, body, poll)
}

fn listing(list: &Listing, given: &Given, body: &Value, what: &str) -> Vec<Value> {
    let items = listed(body, list.records.as_ref()).unwrap_or_else(|| panic!("{what}: there are no records in the answer"));
    items.into_iter().flat_map(|item| one(list.each.as_ref(), given, item, body, what)).collect()
}

fn one(rules: Option<&Each>, given: &Given, item: Value, envelope: &Value, what: &str) -> Vec<Value> {
    let origin = Origin { envelope, headers: &Value::Null, partition: &Value::Null, at: noon() };
    each(rules, given, item, origin).unwrap_or_else(|error| panic!("{what}: {error}"))
}

/// What an item of a page of a poll becomes.
pub fn item(provider: &ProviderType, poll: &str, item: &Value) -> Vec<Value> {
    let rules = provider.definition.polls.get(poll).unwrap_or_else(|| panic!("{} has no poll {poll}", provider.name()));
    let given = given(provider).with_source(&rules.settings, &Value::Null);
    one(rules.list.each.as_ref(), &given, item.clone(), &Value::Null, poll)
}

/// What an answer to an enrichment yields: one record by id, the records of a batch, or the rows of a table.
pub fn fetched(provider: &ProviderType, enrichment: &str, body: &Value) -> Vec<Value> {
    match provider.definition.enrichments.get(enrichment).unwrap_or_else(|| panic!("{} has no {enrichment}", provider.name())) {
        Enrichment::Table(Table { list, .. }) => listing(list, &given(provider), body, enrichment),
        Enrichment::ById(ById { batch: Some(batch), each, .. }) => salesdash_providers::interpret::enrich::batch(batch, body)
            .unwrap_or_else(|problem| panic!("{enrichment}: {problem}"))
            .into_iter()
            .flat_map(|(_, record)| one(each.as_ref(), &given(provider), record, body, enrichment))
            .collect(),
        Enrichment::ById(ById { record, each, .. }) => {
            let found = record.as_ref().map_or(Some(body), |paths| paths.find(body)).cloned();
            let found = found.unwrap_or_else(|| panic!("{enrichment}: there is no record in the answer"));
            one(each.as_ref(), &given(provider), found, body, enrichment)
        }
        Enrichment::NamedFields(_) => panic!("{enrichment} is not fetched"),
    }
}

/// Takes every example of the folder apart: the records are what the models say, have the keys that the example names, and run through
/// every preset of their model, with and without what the examples of enrichments give. Deliveries whose event is thin are completed by
/// the example of their enrichment.
///
/// Panics where a source or an enrichment that is fetched has no example.
pub fn assert_examples(provider: &ProviderType) {
    let definition = &provider.definition;
    let mut related: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for (name, example) in &provider.examples {
        if let Some(enrichment) = &example.enrichment {
            let records = fetched(provider, &enrichment.0, &example.body.0);
            assert!(!records.is_empty(), "examples/{name}.json holds no record");
            conformance::assert_conform(provider, definition.yields(&enrichment.0).expect("known"), &records, name);
            related.insert(enrichment.0.as_str(), records);
        }
    }
    let firsts: Vec<(&str, Value)> = related.iter().map(|(name, records)| (*name, records[0].clone())).collect();
    let mut sources: Vec<&str> = Vec::new();
    for (name, example) in &provider.examples {
        let (model, keys, records) = if let Some(poll) = &example.poll {
            sources.push(&poll.0);
            let rules = definition.polls.get(&poll.0).expect("known");
            let records = page(provider, &poll.0, &example.body.0);
            let key = definition.models.get(&rules.model.0).and_then(|model| model.key.as_ref());
            let keys = records.iter().filter_map(|record| identify::key(record, key?).ok()).collect();
            (&rules.model.0, keys, records)
        } else if let Some(webhook) = &example.webhook {
            sources.push(&webhook.0);
            let rules = definition.webhooks.get(&webhook.0).expect("known");
            let shaped = shaped(provider, &webhook.0, json::to_string(&example.body.0).as_bytes());
            let key = definition.models.get(&rules.model.0).and_then(|model| model.key.as_ref());
            let key_of = |shaped: &Shaped| shaped.key.clone().or_else(|| identify::key(&shaped.record, key?).ok());
            let keys: Vec<Text> = shaped.iter().filter_map(key_of).collect();
            let records = match &rules.complete {
                None => shaped.into_iter().map(|shaped| shaped.record).collect(),
                Some(complete) => related.get(complete.fetch.0.as_str()).cloned().unwrap_or_default(),
            };
            (&rules.model.0, keys, records)
        } else {
            continue;
        };
        if let Some(expected) = &example.keys {
            let expected: Vec<&Text> = expected.0.iter().collect();
            assert_eq!(keys.iter().collect::<Vec<_>>(), expected, "examples/{name}.json");
        }
        conformance::assert_conform(provider, model, &records, name);
        running::assert_run(provider, model, &records, &[], name);
        running::assert_run(provider, model, &records, &firsts, name);
    }
    let missing = |known: Vec<&str>, names: &mut dyn Iterator<Item = &str>| -> Vec<String> {
        names.filter(|name| !known.contains(name)).map(str::to_owned).collect()
    };
    let mut wanted = definition.polls.names().chain(definition.webhooks.names());
    assert_eq!(missing(sources, &mut wanted), Vec::<String>::new(), "{}: sources without an example", provider.name());
    let fetched = definition.enrichments.iter().filter(|(_, enrichment)| !matches!(enrichment, Enrichment::NamedFields(_)));
    let mut wanted = fetched.map(|(name, _)| name.as_str());
    let known = related.keys().copied().collect();
    assert_eq!(missing(known, &mut wanted), Vec::<String>::new(), "{}: enrichments without an example", provider.name());
}
