//! What must hold of any input.

use proptest::prelude::*;
use salesdash_language::model::Models;
use salesdash_language::types::{Shape, Type};
use salesdash_providers::body::{BodyLimits, BodyRules, Received};
use salesdash_providers::identify::Version;
use salesdash_providers::inference::{Inference, InferenceLimits, ModelHeader};
use salesdash_providers::verification::{Handshake, Preset, Secrets, Verification};
use salesdash_providers::{Path, Place, Request, looks_personal};
use salesdash_value::{Instant, Text, Value, datetime, json};

/// Texts of every kind that is told apart, and any other.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "",
            "won",
            "jo@example.com",
            "bel +31 6 12345678",
            "+31612345678",
            "Anna Bakker",
            "Roof Repair",
            "Hoofdstraat 12",
            "2026-01-02T03:04:05Z",
            "2026-01-02T03:04:05+02:00",
            "2026-01-02",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ]
}

/// Names of fields, and keys that are data.
fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => prop::sample::select(vec!["a", "b", "c", "id", "name", "email", "value", "owner", "address", "city"]).prop_map(str::to_owned),
        1 => prop::sample::select(vec!["20260102", "2f1c0f0e-6a0f-4f9e-8a5d-000000000001", "jo@example.com", ""]).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => Just(json::parse(b"1e400", json::Limits::DEFAULT).expect("a number")),
        4 => text().prop_map(Value::text),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Value::list),
            3 => prop::collection::vec((key(), inner), 0..6).prop_map(Value::object),
        ]
    })
}

fn record() -> impl Strategy<Value = Value> {
    prop::collection::vec((key(), value()), 0..6).prop_map(Value::object)
}

/// Limits small enough to be reached.
fn limits() -> impl Strategy<Value = InferenceLimits> {
    prop_oneof![
        Just(InferenceLimits::DEFAULT),
        (1usize..12, 1usize..5, 1usize..5).prop_map(|(places, depth, fields)| InferenceLimits { places, depth, fields }),
    ]
}

fn inferred(records: &[Value], limits: InferenceLimits) -> Inference {
    let mut inference = Inference::with_limits(limits);
    for record in records {
        inference.absorb(record);
    }
    inference
}

/// Whether a value is one of a type, as declared.
fn conforms(value: Option<&Value>, ty: &Type) -> bool {
    let value = match value {
        None | Some(Value::Null) => return ty.may_be_empty,
        Some(value) => value,
    };
    match (&ty.shape, value) {
        (Shape::Any, _) | (Shape::String, Value::Text(_)) | (Shape::Number, Value::Number(_)) | (Shape::Boolean, Value::Boolean(_)) => true,
        (Shape::Datetime, Value::Text(text)) => datetime::is_full(text),
        (Shape::Array(item), Value::List(items)) => items.iter().all(|value| conforms(Some(value), item)),
        (Shape::Object(object), Value::Object(_)) => object.fields.iter().all(|(name, ty)| conforms(value.get(name), ty)),
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn inference_does_not_depend_on_order(
        (records, shuffled) in prop::collection::vec(record(), 0..6).prop_flat_map(|records| (Just(records.clone()), Just(records).prop_shuffle())),
        limits in limits(),
    ) {
        let one = inferred(&records, limits);
        prop_assert_eq!(&one, &inferred(&shuffled, limits));
        // Nor on repetition.
        let mut again = one.clone();
        for record in &records {
            prop_assert!(!again.absorb(record));
        }
        prop_assert_eq!(&one, &again);
    }

    #[test]
    fn merging_is_taking_in_all(
        a in prop::collection::vec(record(), 0..3),
        b in prop::collection::vec(record(), 0..3),
        c in prop::collection::vec(record(), 0..3),
        limits in limits(),
    ) {
        let merged = |x: &Inference, y: &Inference| {
            let mut merged = x.clone();
            merged.merge(y);
            merged
        };
        let [x, y, z] = [&a, &b, &c].map(|records| inferred(records, limits));
        prop_assert_eq!(merged(&x, &y), merged(&y, &x));
        prop_assert_eq!(merged(&merged(&x, &y), &z), merged(&x, &merged(&y, &z)));
        prop_assert_eq!(merged(&x, &x), x.clone());
        prop_assert_eq!(merged(&x, &y), inferred(&[a, b].concat(), limits));
    }

    #[test]
    fn inference_is_bounded_and_reads_back(records in prop::collection::vec(record(), 0..6), limits in limits()) {
        let inference = inferred(&records, limits);
        prop_assert!(inference.places() <= limits.places);
        let stored = json::to_string(&inference.to_value());
        let stored = json::parse(stored.as_bytes(), json::Limits::DEFAULT).expect("JSON");
        prop_assert_eq!(Inference::from_value(&stored, limits), Ok(inference));
    }

    #[test]
    fn every_record_conforms_to_the_model_inferred_from_it(records in prop::collection::vec(record(), 0..6), limits in limits()) {
        let inference = inferred(&records, limits);
        let declaration = inference.model(&ModelHeader::default(), &Value::Null);
        let (model, problems) = Models::read_one("received", &declaration);
        prop_assert!(problems.is_empty(), "{:?}", problems);
        for record in &records {
            prop_assert!(conforms(Some(record), &model.ty), "{} does not conform to {}", json::to_string(record), json::to_string(&declaration));
        }
    }

    #[test]
    fn a_person_can_declare_anything(record in record(), declared in record()) {
        let _ = inferred(&[record], InferenceLimits::DEFAULT).model(&ModelHeader::default(), &Value::object([("fields", declared)]));
    }

    #[test]
    fn any_text_is_judged(text in any::<String>()) {
        let _ = looks_personal(&text);
    }

    #[test]
    fn any_body_is_read_or_refused(
        body in prop_oneof![prop::collection::vec(any::<u8>(), 0..200), "[\\[\\]{}\",:0-9a-z=&% \\\\]{0,80}".prop_map(String::into_bytes)],
        content_type in prop::option::of(prop_oneof![Just("application/json".to_owned()), Just("application/x-www-form-urlencoded".to_owned()), any::<String>()]),
    ) {
        let limits = BodyLimits { bytes: 150, depth: 5, values: 20, records: 4 };
        let rules = BodyRules { records_at: Path::parse("a").ok(), form_field: Some(Text::new("b")) };
        for rules in [BodyRules::default(), rules] {
            match Received::read(content_type.as_deref(), &body, &rules, &limits) {
                Ok(received) => {
                    prop_assert!(received.records.len() <= limits.records);
                    prop_assert!(received.records.iter().all(|record| matches!(record.value, Value::Object(_))));
                }
                Err(error) => prop_assert!(matches!(error.status(), 400 | 413)),
            }
        }
    }

    #[test]
    fn every_record_of_a_list_is_taken(records in prop::collection::vec(record(), 0..6)) {
        let body = json::to_string(&Value::list(records.clone()));
        let received = Received::read(None, body.as_bytes(), &BodyRules::default(), &BodyLimits::DEFAULT).expect("readable");
        let taken: Vec<_> = received.records.into_iter().map(|record| record.value).collect();
        prop_assert_eq!(taken, records);
    }

    #[test]
    fn any_request_is_judged(
        values in prop::collection::vec((0usize..12, prop_oneof![prop::collection::vec(any::<u8>(), 0..60), "[a-zA-Z0-9+/=,.; v1t_-]{0,60}".prop_map(String::into_bytes)]), 0..6),
        url in any::<String>(),
        body in prop_oneof![prop::collection::vec(any::<u8>(), 0..60), value().prop_map(|value| json::to_string(&value).into_bytes())],
        secret in "[a-zA-Z0-9+/=_]{1,40}",
        now in -1_000_000_000_000i64..4_000_000_000_000,
    ) {
        const NAMES: [&str; 12] = [
            "Authorization", "webhook-id", "webhook-timestamp", "webhook-signature", "Stripe-Signature", "X-Hub-Signature-256",
            "X-HubSpot-Signature-v3", "X-HubSpot-Request-Timestamp", "x-ghl-signature", "x-wh-signature", "X-Slack-Signature", "Content-Type",
        ];
        let headers: Vec<_> = values.iter().map(|(name, value)| (NAMES[*name], value.as_slice())).collect();
        let request = Request { method: "POST", url: &url, headers: &headers, body: &body };
        let secrets = Secrets::new().with("secret", secret.clone()).with("username", secret.clone()).with("password", secret);
        let now = Instant::from_millisecond(now).expect("in range");
        for preset in Preset::all() {
            let accepted = preset.verification.verify(&request, &secrets, now).is_ok();
            prop_assert_eq!(accepted, preset.name == "secret_url", "{}", preset.name);
            let _ = Handshake::answer(&preset.handshakes, &request);
        }
    }

    #[test]
    fn any_definition_is_read_or_refused(base in 0usize..8, edits in prop::collection::vec((0usize..12, value()), 0..3)) {
        let mut definition = Preset::all()[base + 3].verification.to_value();
        for (index, edit) in edits {
            let mut fields = definition.as_object().unwrap_or_default().to_vec();
            if let Some((_, slot)) = fields.get_mut(index) {
                *slot = edit;
            }
            definition = Value::Object(fields.into());
        }
        if let Ok(read) = Verification::from_value(&definition) {
            prop_assert_eq!(Verification::from_value(&read.to_value()), Ok(read));
        }
    }

    #[test]
    fn any_value_is_read_as_a_definition_or_refused(value in value()) {
        let _ = Verification::from_value(&value);
        let _ = Handshake::list_from_value(&value);
        let _ = BodyRules::from_value(&value);
        let _ = Place::from_value(&value);
        let _ = Inference::from_value(&value, InferenceLimits::DEFAULT);
    }

    #[test]
    fn versions_are_in_one_order(a in text(), b in prop_oneof![text(), any::<i64>().prop_map(|number| number.to_string())], c in text()) {
        let [a, b, c] = [a, b, c].map(Version::of);
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        prop_assert!(!(a <= b && b <= c) || a <= c);
    }
}
