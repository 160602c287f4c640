//! The signature vectors of the fixtures, judged by the webhooks of provider types.

use salesdash_providers::verification::Preset;
use salesdash_providers::{ProviderType, Request};
use salesdash_value::{Instant, Value};

use super::fixtures::{fixture, read};
use super::shaping::{Delivery, Taken, deliver};

/// Judges every vector of a scheme by a webhook, and panics where the verdict is not what the vector says. Returns how many there were;
/// none where the fixtures are absent.
pub fn assert_judged(provider: &ProviderType, webhook: &str, scheme: &str) -> usize {
    each(scheme, |what, delivery, valid| {
        let taken = deliver(provider, webhook, delivery);
        match valid {
            Some(valid) => assert_eq!(!matches!(taken, Taken::Refused(_)), valid, "{what}: {taken:?}"),
            None => assert!(matches!(taken, Taken::Handshake(_)), "{what}: {taken:?}"),
        }
    })
}

/// Judges every vector of a scheme by a well-known scheme, whatever the body is, and panics where the verdict is not what the vector
/// says. Returns how many there were; none where the fixtures are absent.
pub fn assert_verified(preset: &str, scheme: &str) -> usize {
    let preset = Preset::get(preset).unwrap_or_else(|| panic!("no scheme {preset}"));
    each(scheme, |what, delivery, valid| {
        let headers: Vec<(&str, &[u8])> = delivery.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let request = Request { method: delivery.method, url: &delivery.url, headers: &headers, body: &delivery.body };
        let verdict = preset.verification.verify(&request, &delivery.secrets, delivery.now);
        assert_eq!(verdict.is_ok(), valid.expect("a verdict"), "{what}: {verdict:?}");
    })
}

/// Gives every vector of a scheme to a judge, with its name and its verdict. Returns how many there were.
fn each(scheme: &str, mut judge: impl FnMut(&str, &Delivery, Option<bool>)) -> usize {
    let Some(path) = fixture("signatures/vectors.json") else { return 0 };
    let document = read(&path);
    let vectors = document.get("vectors").and_then(Value::as_list).expect("vectors");
    let mut count = 0;
    for vector in vectors.iter().filter(|vector| vector.get("scheme").and_then(Value::as_text) == Some(scheme)) {
        let text = |key: &str| vector.get(key).and_then(Value::as_text);
        let name = text("name").expect("a name");
        let mut delivery = Delivery::of(text("body").expect("a body"));
        for (header, value) in vector.get("headers").and_then(Value::as_object).expect("headers") {
            delivery = delivery.header(header, value.as_text().expect("text"));
        }
        for secret in ["secret", "username", "password"] {
            if let Some(value) = text(secret) {
                delivery = delivery.secret(secret, value);
            }
        }
        if let Some(key) = text("public_key") {
            delivery = delivery.secret(if scheme.ends_with("rsa") { "rsa_public_key" } else { "ed25519_public_key" }, key);
        }
        if let Some(key) = text("public_key_rsa") {
            delivery = delivery.secret("rsa_public_key", key);
        }
        if let Some(url) = text("url").or_else(|| text("callback_url")).or_else(|| text("audience")) {
            url.clone_into(&mut delivery.url);
        }
        let number = |key: &str| vector.get(key).and_then(Value::as_number).and_then(|number| i64::try_from(number).ok());
        let now = number("now").map(|seconds| seconds * 1000).or_else(|| number("now_ms"));
        if let Some(now) = now {
            delivery.now = Instant::from_millisecond(now).expect("a time");
        }
        if let Some(now) = text("now_iso") {
            delivery.now = super::instant(now);
        }
        judge(&format!("{scheme}: {name}"), &delivery, vector.get("valid").and_then(Value::as_boolean));
        count += 1;
    }
    assert!(count > 0, "there are no vectors of {scheme}");
    count
}
