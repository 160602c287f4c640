//! Every scheme judged on requests that were signed by other software: vectors of this crate, and those of the fixtures.

use salesdash_providers::verification::{Handshake, Preset, Secrets, Verification};
use salesdash_providers::{Request, verification::Verified};
use salesdash_value::{Instant, Value, json};

/// A vector in the form that both files are brought to.
struct Vector {
    name: String,
    verification: Verification,
    secrets: Secrets,
    method: String,
    url: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    now: Instant,
}

impl Vector {
    /// The type of the scheme that accepted it with the time of signing, or the name of the refusal.
    fn judge(&self) -> Result<Verified, String> {
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
        let request = Request { method: &self.method, url: &self.url, headers: &headers, body: &self.body };
        self.verification.verify(&request, &self.secrets, self.now).map_err(|refusal| {
            let text = refusal.to_string();
            for name in Preset::all().iter().flat_map(|preset| preset.verification.secrets()) {
                for secret in self.secrets.all(&name).filter(|secret| secret.len() > 1) {
                    assert!(!text.contains(secret), "{}: the refusal shows the secret", self.name);
                }
            }
            refusal.name().to_owned()
        })
    }
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_text).map(str::to_owned)
}

fn number(value: &Value, key: &str) -> Option<i64> {
    value.get(key).and_then(Value::as_number).and_then(|number| i64::try_from(number).ok())
}

fn preset(name: &str) -> &'static Preset {
    Preset::get(name).unwrap_or_else(|| panic!("no preset {name}"))
}

#[test]
fn vectors_of_this_crate() {
    let document = json::parse(include_bytes!("verification_vectors.json"), json::Limits::DEFAULT).expect("valid JSON");
    let mut tested: Vec<String> = Vec::new();
    for value in document.as_list().expect("a list") {
        let name = text(value, "preset").expect("a preset");
        let mut secrets = Secrets::new();
        for (name, values) in value.get("secrets").and_then(Value::as_object).expect("secrets") {
            for value in values.as_list().expect("values") {
                secrets.add(name.clone(), value.as_text().expect("text"));
            }
        }
        let headers = value.get("headers").and_then(Value::as_list).expect("headers").iter().map(|pair| {
            let pair = pair.as_list().expect("a pair");
            (pair[0].as_text().expect("a name").to_owned(), pair[1].as_text().expect("a value").as_bytes().to_vec())
        });
        let vector = Vector {
            name: format!("{name}: {}", text(value, "name").expect("a name")),
            verification: preset(&name).verification.clone(),
            secrets,
            method: text(value, "method").expect("a method"),
            url: text(value, "url").expect("a URL"),
            headers: headers.collect(),
            body: text(value, "body").expect("a body").into_bytes(),
            now: Instant::from_second(number(value, "now").expect("a time")).expect("a time"),
        };
        let judged = vector.judge();
        let verdict = judged.as_ref().map_or_else(String::clone, |verified| verified.scheme.to_owned());
        assert_eq!(Some(verdict), text(value, "expect"), "{}", vector.name);
        if let Some(signed_at) = number(value, "signed_at") {
            assert_eq!(judged.expect("accepted").signed_at.map(Instant::as_second), Some(signed_at), "{}", vector.name);
        }
        tested.push(name);
    }
    for preset in Preset::all() {
        let same_as_another = ["pipedrive"].contains(&preset.name.as_str());
        assert!(same_as_another || tested.iter().any(|name| *name == preset.name), "no vector for {}", preset.name);
    }
}

/// The scheme that a vector of the fixtures is about, with its secrets.
fn fixture_scheme(value: &Value, scheme: &str) -> (Verification, Secrets) {
    let name = match scheme {
        "gohighlevel-rsa" | "gohighlevel-ed25519" => "gohighlevel",
        "monday-jwt" => "monday",
        "basic-auth (pipedrive)" => "pipedrive",
        "body-token (aircall)" => "aircall",
        "bearer (generic)" => "bearer",
        "header-token (gitlab)" => "gitlab",
        other => &other.replace('-', "_"),
    };
    let mut secrets = Secrets::new();
    for (key, name) in [("secret", "secret"), ("username", "username"), ("password", "password"), ("public_key_rsa", "rsa_public_key")] {
        if let Some(secret) = text(value, key) {
            secrets.add(name, secret);
        }
    }
    if let Some(key) = text(value, "public_key") {
        secrets.add(if scheme == "gohighlevel-rsa" { "rsa_public_key" } else { "ed25519_public_key" }, key);
    }
    (preset(name).verification.clone(), secrets)
}

#[test]
fn vectors_of_the_fixtures() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures/signatures/vectors.json");
    let Ok(bytes) = std::fs::read(path) else {
        eprintln!("skipped: ../shared/fixtures is absent");
        return;
    };
    let document = json::parse(&bytes, json::Limits::DEFAULT).expect("valid JSON");
    let vectors = document.get("vectors").and_then(Value::as_list).expect("vectors");
    assert!(vectors.len() > 25);
    for value in vectors {
        let scheme = text(value, "scheme").expect("a scheme");
        let name = format!("{scheme}: {}", text(value, "name").expect("a name"));
        let headers = value.get("headers").and_then(Value::as_object).expect("headers").iter();
        let headers: Vec<_> = headers.map(|(name, value)| (name.to_string(), value.as_text().expect("text").as_bytes().to_vec())).collect();
        let body = text(value, "body").expect("a body").into_bytes();
        let method = text(value, "method").unwrap_or_else(|| "POST".to_owned());
        let url = text(value, "url").or_else(|| text(value, "callback_url")).or_else(|| text(value, "audience")).unwrap_or_default();
        if let Some(expected) = value.get("expect_json") {
            let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
            let request = Request { method: &method, url: &url, headers: &headers, body: &body };
            let answer = Handshake::answer(&preset("monday").handshakes, &request).expect("a handshake");
            assert_eq!(answer.body, json::to_string(expected), "{name}");
            assert!(!answer.must_be_verified, "{name}");
            continue;
        }
        let now = number(value, "now").map(|seconds| seconds * 1000).or_else(|| number(value, "now_ms"));
        let now = now.map(|ms| Instant::from_millisecond(ms).expect("a time"));
        let now = now.or_else(|| text(value, "now_iso").map(|text| text.parse().expect("a time")));
        let (verification, secrets) = fixture_scheme(value, &scheme);
        let vector = Vector { name, verification, secrets, method, url, headers, body, now: now.unwrap_or(Instant::UNIX_EPOCH) };
        let judged = vector.judge();
        assert_eq!(Some(judged.is_ok()), value.get("valid").and_then(Value::as_boolean), "{}: {judged:?}", vector.name);
    }
}
