//! Webhooks: bodies taken apart, signatures judged, fields inferred.

use salesdash_language::model::Models;
use salesdash_providers::body::{BodyLimits, BodyRules, Received};
use salesdash_providers::inference::{Inference, ModelHeader};
use salesdash_providers::verification::{Handshake, Preset, Secrets, Verification};
use salesdash_providers::{Request, identify, path::Path};
use salesdash_value::{Instant, Text, Value};

use crate::corpus::{PARTS, PAYLOADS};
use crate::mutation;
use crate::rounds::rounds;

const CONTENT_TYPES: [Option<&str>; 7] = [
    None,
    Some("application/json"),
    Some("application/x-www-form-urlencoded"),
    Some("text/plain; charset=\"latin1\""),
    Some("multipart/form-data; boundary="),
    Some("application/vnd.api+json;;"),
    Some("\u{0}"),
];

#[test]
fn any_body_becomes_records_or_is_refused() {
    rounds(60_000, |random| {
        let mut body = random.pick(&PAYLOADS).clone();
        if random.chance(1, 4) {
            body = body.iter().flat_map(|byte| if *byte == b' ' { b"+".to_vec() } else { vec![*byte] }).collect();
            body.splice(0..0, *b"payload=");
        }
        mutation::bytes(random, &mut body, &PAYLOADS);
        let rules = BodyRules {
            records_at: if random.chance(1, 3) { Path::parse(&mutation::text(random)).ok() } else { None },
            form_field: random.chance(1, 3).then(|| Text::from("payload")),
        };
        let limits =
            if random.chance(1, 2) { BodyLimits::DEFAULT } else { BodyLimits { bytes: 10_000, depth: 8, values: 200, records: 10 } };
        let Ok(received) = Received::read(*random.pick(&CONTENT_TYPES), &body, &rules, &limits) else { return };
        assert!(received.records.len() <= limits.records);
        let mut inference = Inference::new();
        for record in &received.records {
            inference.absorb(&record.value);
            if let Ok(path) = Path::parse(&mutation::text(random)) {
                let _ = (identify::key(&record.value, &path), identify::version(&record.value, &path));
            }
        }
        let (_, problems) = Models::read_one("received", &inference.model(&ModelHeader::default(), &Value::Null));
        assert!(problems.is_empty(), "{problems:?}");
    });
}

#[test]
fn any_request_is_judged() {
    let names: Vec<Text> = Preset::all().iter().map(|preset| preset.name.clone()).collect();
    let headers = [
        "authorization",
        "x-hub-signature-256",
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
        "stripe-signature",
        "x-shopify-hmac-sha256",
        "x-hubspot-signature-v3",
        "x-hubspot-request-timestamp",
        "typeform-signature",
        "x-trello-webhook",
    ];
    rounds(150_000, |random| {
        let mut body = random.pick(&PAYLOADS).clone();
        body.truncate(400);
        mutation::bytes(random, &mut body, &PAYLOADS);
        let scheme = Value::Text(random.pick(&names).clone());
        let scheme = if random.chance(1, 2) { mutation::value(random, &scheme, 4, &PARTS) } else { scheme };
        let values: Vec<(usize, Vec<u8>)> = (0..random.below(6))
            .map(|_| {
                let mut value =
                    (*random.pick(&["Bearer x", "Basic eDp5", "t=1,v1=00,v1=", "v1,AAAA v1a,", "sha256=00ff", "1700000000", "a.b.c"]))
                        .as_bytes()
                        .to_vec();
                mutation::bytes(random, &mut value, &PAYLOADS);
                value.truncate(300);
                (random.below(headers.len() as u64) as usize, value)
            })
            .collect();
        let headers: Vec<(&str, &[u8])> = values.iter().map(|(name, value)| (headers[*name], value.as_slice())).collect();
        let url = format!("https://example.com/hooks/x?{}", mutation::text(random));
        let request = Request { method: random.pick::<&str>(&["POST", "GET", "HEAD"]), url: &url, headers: &headers, body: &body };
        if let Ok(verification) = Verification::from_value(&scheme) {
            let secrets = Secrets::new().with("secret", mutation::text(random)).with("token", "geheim");
            let judged = verification.verify(&request, &secrets, Instant::UNIX_EPOCH);
            if let Err(refusal) = judged {
                assert!(!refusal.to_string().contains("geheim"));
            }
        }
        if let Ok(handshakes) = Handshake::list_from_value(&mutation::value(random, &Value::list([scheme]), 3, &PARTS)) {
            let _ = Handshake::answer(&handshakes, &request);
        }
    });
}
