//! Verification schemes from and to data.

use salesdash_value::{Text, Value};

use super::jwt::{Audience, Jwt, MAX_LEEWAY_SECONDS};
use super::signature::{
    Algorithm, Condition, Encoding, Hash, Key, KeyEncoding, MAX_PARTS, MAX_TOLERANCE_SECONDS, Part, Signature, TimeFormat, TimeSource,
    Timestamp, Written,
};
use super::token::{Basic, Token};
use super::{MAX_ALTERNATIVES, Preset, Verification};
use crate::reader::{Node, Problem, Problems, not_one_of};
use crate::request::{PLACE_KEYS, Place};

const TYPES: [&str; 10] = ["secret_url", "bearer", "token", "basic", "hmac", "hash", "rsa_sha256", "ed25519", "jwt", "any_of"];
const HASHES: [(&str, Hash); 3] = [("sha256", Hash::Sha256), ("sha1", Hash::Sha1), ("sha512", Hash::Sha512)];
const ENCODINGS: [(&str, Encoding); 3] = [("hex", Encoding::Hex), ("base64", Encoding::Base64), ("base64url", Encoding::Base64Url)];
const KEY_ENCODINGS: [(&str, KeyEncoding); 3] = [("text", KeyEncoding::Text), ("base64", KeyEncoding::Base64), ("hex", KeyEncoding::Hex)];
const TIME_FORMATS: [(&str, TimeFormat); 3] =
    [("seconds", TimeFormat::Seconds), ("milliseconds", TimeFormat::Milliseconds), ("iso8601", TimeFormat::Iso8601)];
const PARTS: [(&str, Part); 6] = [
    ("body", Part::Body),
    ("timestamp", Part::Timestamp),
    ("method", Part::Method),
    ("url", Part::Url),
    ("decoded_url", Part::DecodedUrl),
    ("secret", Part::Secret),
];

fn name_of<T: PartialEq>(choices: &'static [(&'static str, T)], choice: &T) -> &'static str {
    choices.iter().find(|(_, known)| known == choice).map_or("", |(name, _)| name)
}

impl Verification {
    /// Reads a scheme: an object with a `type`, or the name of a preset.
    ///
    /// # Errors
    /// Every problem of the definition, each with its place.
    pub fn from_value(value: &Value) -> Result<Self, Vec<Problem>> {
        let mut problems = Problems::default();
        let verification = Self::read(&mut problems, value, "");
        problems.result(verification)
    }

    pub(crate) fn read(problems: &mut Problems, value: &Value, pointer: &str) -> Option<Self> {
        if let Value::Text(name) = value {
            let preset = Preset::get(name);
            if preset.is_none() {
                let names: Vec<_> = Preset::all().iter().map(|preset| preset.name.as_str()).collect();
                problems.add(pointer, not_one_of(name, &names));
            }
            return preset.map(|preset| preset.verification.clone());
        }
        Self::read_scheme(problems, value, pointer)
    }

    /// Reads a scheme that is spelled out.
    pub(crate) fn read_scheme(problems: &mut Problems, value: &Value, pointer: &str) -> Option<Self> {
        let node = problems.node(value, pointer)?;
        let name = node.required_text(problems, "type")?;
        Some(match name.as_str() {
            "secret_url" => {
                node.only(problems, &["type"]);
                Self::SecretUrl
            }
            "bearer" => {
                node.only(problems, &["type", "secret"]);
                Self::Bearer(secret_name(problems, &node, "secret")?)
            }
            "token" => {
                node.only(problems, &["type", "from", "prefix", "secret"]);
                let from = required(problems, &node, "from").and_then(|from| Place::read_own(problems, from, &node.at("from")));
                let prefix = node.text(problems, "prefix");
                let secret = secret_name(problems, &node, "secret");
                Self::Token(Token { from: from?, prefix, secret: secret? })
            }
            "basic" => {
                node.only(problems, &["type", "username", "password"]);
                let username = secret_name(problems, &node, "username");
                let password = secret_name(problems, &node, "password");
                Self::Basic(Basic { username: username?, password: password? })
            }
            "hmac" | "hash" | "rsa_sha256" | "ed25519" => Self::Signature(Box::new(signature(problems, &node, &name)?)),
            "jwt" => Self::Jwt(jwt(problems, &node)?),
            "any_of" => Self::AnyOf(any_of(problems, &node)?),
            other => {
                problems.add(node.at("type"), not_one_of(other, &TYPES));
                return None;
            }
        })
    }

    /// The scheme as [`Verification::from_value`] reads it.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut fields: Vec<(&str, Value)> = vec![("type", self.type_name().into())];
        match self {
            Self::SecretUrl => {}
            Self::Bearer(secret) => fields.push(("secret", secret.as_str().into())),
            Self::Token(token) => {
                fields.push(("from", token.from.to_value()));
                push_text(&mut fields, "prefix", token.prefix.as_ref());
                fields.push(("secret", token.secret.as_str().into()));
            }
            Self::Basic(basic) => {
                fields.push(("username", basic.username.as_str().into()));
                fields.push(("password", basic.password.as_str().into()));
            }
            Self::Signature(signature) => write_signature(signature, &mut fields),
            Self::Jwt(jwt) => {
                fields.push(("from", jwt.from.to_value()));
                fields.push(("secret", jwt.secret.as_str().into()));
                match &jwt.audience {
                    None => {}
                    Some(Audience::Url) => fields.push(("audience", "url".into())),
                    Some(Audience::Name(name)) => fields.push(("audience", Value::object([("name", Value::from(name.as_str()))]))),
                }
                fields.push(("leeway_seconds", i64::from(jwt.leeway_seconds).into()));
            }
            Self::AnyOf(alternatives) => fields.push(("of", Value::list(alternatives.iter().map(Self::to_value)))),
        }
        Value::object(fields)
    }
}

fn push_text(fields: &mut Vec<(&str, Value)>, key: &'static str, text: Option<&Text>) {
    if let Some(text) = text {
        fields.push((key, text.as_str().into()));
    }
}

fn required<'v>(problems: &mut Problems, node: &Node<'v>, key: &str) -> Option<&'v Value> {
    let value = node.get(key);
    if value.is_none() {
        problems.add(&node.pointer, format!("`{key}` is missing"));
    }
    value
}

/// The name of a secret; that of its key where none is given.
fn secret_name(problems: &mut Problems, node: &Node<'_>, key: &str) -> Option<Text> {
    match node.get(key) {
        None => Some(Text::new(key)),
        Some(_) => node.required_text(problems, key),
    }
}

fn any_of(problems: &mut Problems, node: &Node<'_>) -> Option<Vec<Verification>> {
    node.only(problems, &["type", "of"]);
    let pointer = node.at("of");
    let Some(items) = required(problems, node, "of")?.as_list() else {
        problems.add(pointer, "`of` must be a list of schemes");
        return None;
    };
    if items.is_empty() || items.len() > MAX_ALTERNATIVES {
        problems.add(&pointer, format!("`of` must hold from 1 to {MAX_ALTERNATIVES} schemes"));
    }
    let mut alternatives = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let pointer = format!("{pointer}/{index}");
        match Verification::read(problems, item, &pointer) {
            Some(Verification::SecretUrl) => {
                problems.add(pointer, "`secret_url` asks for nothing, so every other scheme beside it would be pointless");
            }
            Some(Verification::AnyOf(_)) => problems.add(pointer, "`any_of` cannot stand inside `any_of`: list the schemes in one"),
            Some(alternative) => alternatives.push(alternative),
            None => {}
        }
    }
    Some(alternatives)
}

fn jwt(problems: &mut Problems, node: &Node<'_>) -> Option<Jwt> {
    node.only(problems, &["type", "from", "secret", "audience", "leeway_seconds"]);
    let from = match node.get("from") {
        None => Some(Place::Header(Text::new_static("Authorization"))),
        Some(from) => Place::read_own(problems, from, &node.at("from")),
    };
    let secret = secret_name(problems, node, "secret");
    let audience = match node.get("audience") {
        None => None,
        Some(Value::Text(text)) if text == "url" => Some(Audience::Url),
        Some(Value::Object(_)) => {
            let audience = problems.node(node.get("audience")?, &node.at("audience"))?;
            audience.only(problems, &["name"]);
            Some(Audience::Name(audience.required_text(problems, "name")?))
        }
        Some(_) => {
            problems.add(node.at("audience"), r#"an audience is "url" (that of the request) or {"name": "…"}"#);
            None
        }
    };
    let leeway_seconds = node.whole(problems, "leeway_seconds", 0..=MAX_LEEWAY_SECONDS).unwrap_or(0);
    Some(Jwt { from: from?, secret: secret?, audience, leeway_seconds })
}

fn signature(problems: &mut Problems, node: &Node<'_>, name: &str) -> Option<Signature> {
    let is_public = matches!(name, "rsa_sha256" | "ed25519");
    let key_field = if is_public { "public_key" } else { "secret" };
    let mut known = vec!["type", key_field, "signature", "timestamp", "message", "only_if"];
    if !is_public {
        known.push("algorithm");
    }
    node.only(problems, &known);
    let algorithm = match name {
        "rsa_sha256" => Some(Algorithm::RsaSha256),
        "ed25519" => Some(Algorithm::Ed25519),
        _ => {
            let hash = match node.get("algorithm") {
                None => Some(Hash::Sha256),
                Some(_) => node.choice(problems, "algorithm", &HASHES),
            };
            hash.map(if name == "hmac" { Algorithm::Hmac } else { Algorithm::Hash })
        }
    };
    let key = key(problems, node, key_field, is_public);
    let written = required(problems, node, "signature").and_then(|value| written(problems, value, &node.at("signature")));
    let timestamp = match node.get("timestamp") {
        None => None,
        Some(value) => Some(timestamp(problems, value, &node.at("timestamp"))?),
    };
    let message = required(problems, node, "message").and_then(|value| message(problems, value, &node.at("message")));
    let only_if = match node.get("only_if") {
        None => None,
        Some(value) => {
            let condition = problems.node(value, &node.at("only_if"))?;
            condition.only(problems, &["header", "value"]);
            let header = condition.required_text(problems, "header");
            let value = condition.required_text(problems, "value");
            Some(Condition { header: header?, value: value? })
        }
    };
    let (from, written) = written?;
    let signature = Signature { algorithm: algorithm?, key: key?, from, written, timestamp, message: message?, only_if };
    check(problems, node, &signature);
    Some(signature)
}

/// What each part of a signature may say, and the whole must not.
fn check(problems: &mut Problems, node: &Node<'_>, signature: &Signature) {
    let has = |wanted: &Part| signature.message.contains(wanted);
    let at = node.at("message");
    match signature.algorithm {
        Algorithm::Hash(_) if !has(&Part::Secret) => {
            problems.add(&at, "a plain hash proves nothing unless `secret` is part of the message");
        }
        Algorithm::Hash(_) => {}
        _ if has(&Part::Secret) => problems.add(&at, "`secret` is part of the message of a plain `hash` only"),
        _ => {}
    }
    if signature.message.iter().all(|part| matches!(part, Part::Literal(_) | Part::Secret)) {
        problems.add(&at, "the message must hold something of the request, such as `body`");
    }
    match &signature.timestamp {
        None if has(&Part::Timestamp) => problems.add(&at, "`timestamp` is part of the message, so say where it stands with `timestamp`"),
        None => {}
        Some(timestamp) => {
            let in_body = matches!(&timestamp.from, TimeSource::Place(Place::Body(_))) && has(&Part::Body);
            if !in_body && !has(&Part::Timestamp) {
                problems.add(&at, "the timestamp is not part of what is signed, so anybody could change it: add `timestamp`");
            }
            if matches!(timestamp.from, TimeSource::Pair(_)) && signature.written.pair.is_none() {
                problems.add(node.at("timestamp"), "`pair` needs `signature` to be a list of pairs too");
            }
        }
    }
}

fn key(problems: &mut Problems, node: &Node<'_>, field: &str, is_public: bool) -> Option<Key> {
    let plain = |name: Text| Key { name, prefix: None, encoding: KeyEncoding::Text, published: None };
    match node.get(field) {
        None => Some(plain(Text::new(field))),
        Some(Value::Object(_)) => {
            let key = problems.node(node.get(field)?, &node.at(field))?;
            key.only(problems, if is_public { &["name", "published"] } else { &["name", "prefix", "encoding"] });
            let name = match key.get("name") {
                None => Some(Text::new(field)),
                Some(_) => key.required_text(problems, "name"),
            };
            let encoding = match key.get("encoding") {
                None => Some(KeyEncoding::Text),
                Some(_) => key.choice(problems, "encoding", &KEY_ENCODINGS),
            };
            let prefix = key.text(problems, "prefix").filter(|prefix| !prefix.is_empty());
            let published = key.text(problems, "published");
            Some(Key { name: name?, prefix, encoding: encoding?, published })
        }
        Some(_) => node.required_text(problems, field).map(plain),
    }
}

fn written(problems: &mut Problems, value: &Value, pointer: &str) -> Option<(Place, Written)> {
    let node = problems.node(value, pointer)?;
    let own = ["pair", "separator", "prefix", "encoding"];
    node.only(problems, &[&PLACE_KEYS[..], &own[..]].concat());
    let place = Place::read(problems, &node);
    let mut text = |key| node.text(problems, key).filter(|text| !text.is_empty());
    let (pair, separator, prefix) = (text("pair"), text("separator"), text("prefix"));
    if node.get("encoding").is_none() {
        problems.add(&node.pointer, "`encoding` is missing: hex, base64 or base64url");
    }
    let encoding = node.choice(problems, "encoding", &ENCODINGS);
    Some((place?, Written { pair, separator, prefix, encoding: encoding? }))
}

fn timestamp(problems: &mut Problems, value: &Value, pointer: &str) -> Option<Timestamp> {
    let node = problems.node(value, pointer)?;
    let own = ["pair", "format", "tolerance_seconds"];
    node.only(problems, &[&PLACE_KEYS[..], &own[..]].concat());
    let from = match node.get("pair") {
        Some(_) => node.required_text(problems, "pair").map(TimeSource::Pair),
        None => Place::read(problems, &node).map(TimeSource::Place),
    };
    let format = match node.get("format") {
        None => Some(TimeFormat::Seconds),
        Some(_) => node.choice(problems, "format", &TIME_FORMATS),
    };
    if node.get("tolerance_seconds").is_none() {
        problems.add(&node.pointer, "`tolerance_seconds` is missing: how old a request may be");
    }
    let tolerance_seconds = node.whole(problems, "tolerance_seconds", 1..=MAX_TOLERANCE_SECONDS);
    Some(Timestamp { from: from?, format: format?, tolerance_seconds: tolerance_seconds? })
}

fn message(problems: &mut Problems, value: &Value, pointer: &str) -> Option<Vec<Part>> {
    let Some(items) = value.as_list() else {
        problems.add(pointer, format!("a message is a list of parts, not {}", value.kind_name()));
        return None;
    };
    if items.is_empty() || items.len() > MAX_PARTS {
        problems.add(pointer, format!("a message has from 1 to {MAX_PARTS} parts"));
    }
    let mut parts = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let pointer = format!("{pointer}/{index}");
        match item {
            Value::Text(name) => match PARTS.iter().find(|(known, _)| known == name) {
                Some((_, part)) => parts.push(part.clone()),
                None => problems.add(pointer, not_one_of(name, &PARTS.each_ref().map(|(name, _)| *name))),
            },
            _ => {
                let Some(node) = problems.node(item, &pointer) else { continue };
                node.only(problems, &["literal", "header"]);
                match (node.text(problems, "literal"), node.text(problems, "header")) {
                    (Some(text), None) => parts.push(Part::Literal(text)),
                    (None, Some(name)) => parts.push(Part::Header(name)),
                    _ => problems.add(pointer, "a part is the name of one, or exactly one of: literal, header"),
                }
            }
        }
    }
    Some(parts)
}

fn write_signature(signature: &Signature, fields: &mut Vec<(&'static str, Value)>) {
    if let Algorithm::Hmac(hash) | Algorithm::Hash(hash) = &signature.algorithm {
        fields.push(("algorithm", name_of(&HASHES, hash).into()));
    }
    let key = &signature.key;
    let mut parts: Vec<(&str, Value)> = vec![("name", key.name.as_str().into())];
    push_text(&mut parts, "prefix", key.prefix.as_ref());
    if key.encoding != KeyEncoding::Text {
        parts.push(("encoding", name_of(&KEY_ENCODINGS, &key.encoding).into()));
    }
    push_text(&mut parts, "published", key.published.as_ref());
    let key_field = if signature.algorithm.is_public() { "public_key" } else { "secret" };
    fields.push((key_field, if parts.len() == 1 { key.name.as_str().into() } else { Value::object(parts) }));

    let written = &signature.written;
    let mut parts = vec![signature.from.field()];
    push_text(&mut parts, "pair", written.pair.as_ref());
    push_text(&mut parts, "separator", written.separator.as_ref());
    push_text(&mut parts, "prefix", written.prefix.as_ref());
    parts.push(("encoding", name_of(&ENCODINGS, &written.encoding).into()));
    fields.push(("signature", Value::object(parts)));

    if let Some(timestamp) = &signature.timestamp {
        let from = match &timestamp.from {
            TimeSource::Place(place) => place.field(),
            TimeSource::Pair(name) => ("pair", name.as_str().into()),
        };
        let format = ("format", name_of(&TIME_FORMATS, &timestamp.format).into());
        let tolerance = ("tolerance_seconds", i64::from(timestamp.tolerance_seconds).into());
        fields.push(("timestamp", Value::object([from, format, tolerance])));
    }
    let parts = signature.message.iter().map(|part| match part {
        Part::Literal(text) => Value::object([("literal", Value::from(text.as_str()))]),
        Part::Header(name) => Value::object([("header", Value::from(name.as_str()))]),
        named => name_of(&PARTS, named).into(),
    });
    fields.push(("message", Value::list(parts)));
    if let Some(condition) = &signature.only_if {
        let (header, value) = (condition.header.as_str().into(), condition.value.as_str().into());
        fields.push(("only_if", Value::object([("header", header), ("value", value)])));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use salesdash_value::json;

    fn check(definition: &str, expected: &[&str]) {
        let value = json::parse(definition.as_bytes(), json::Limits::DEFAULT).expect("valid JSON");
        let problems = match Verification::from_value(&value) {
            Ok(read) => {
                assert_eq!(Verification::from_value(&read.to_value()), Ok(read));
                Vec::new()
            }
            Err(problems) => problems.iter().map(ToString::to_string).collect(),
        };
        assert_eq!(problems, expected, "{definition}");
    }

    #[test]
    fn a_definition_that_is_right_reads_back() {
        check(r#"{"type":"bearer"}"#, &[]);
        check(r#"{"type":"token","from":{"query":"token"},"prefix":"t-","secret":"mine"}"#, &[]);
        check(r#"{"type":"jwt","audience":{"name":"us"},"leeway_seconds":30}"#, &[]);
        check(r#"{"type":"any_of","of":["github",{"type":"bearer"}]}"#, &[]);
        let mailgun = r#"{"type":"hmac","signature":{"body":"signature.signature","encoding":"hex"},
            "timestamp":{"body":"signature.timestamp","tolerance_seconds":60},"message":["timestamp",{"header":"X-Token"}]}"#;
        check(mailgun, &[]);
    }

    #[test]
    fn every_problem_is_told_with_its_place() {
        check("3", &["this must be an object, not a number"]);
        check(r#""githab""#, &["`githab` is not known; did you mean `github`?"]);
        check("{}", &["`type` is missing"]);
        check(r#"{"type":"hmca"}"#, &["/type: `hmca` is not known; did you mean `hmac`?"]);
        check(
            r#"{"type":"hmac","secrt":"x","signature":{"header":"X Y","encoding":"hx"},"message":["bodi",{"literal":"a","header":"b"}]}"#,
            &[
                "/secrt: `secrt` is not a key of this; did you mean `secret`?",
                "/signature/header: this is not the name of a header",
                "/signature/encoding: `hx` is not known; did you mean `hex`?",
                "/message/0: `bodi` is not known; did you mean `body`?",
                "/message/1: a part is the name of one, or exactly one of: literal, header",
            ],
        );
        check(
            r#"{"type":"hmac","signature":{"header":"X","query":"x","encoding":"hex"},"message":["body"],"timestamp":{"header":"T"}}"#,
            &[
                "/signature: say where it stands with exactly one of: header, query, body",
                "/timestamp: `tolerance_seconds` is missing: how old a request may be",
            ],
        );
    }

    #[test]
    fn a_scheme_that_proves_nothing_is_refused() {
        let signature = r#""signature":{"header":"X","encoding":"hex"}"#;
        check(
            &format!(r#"{{"type":"hash",{signature},"message":["body"]}}"#),
            &["/message: a plain hash proves nothing unless `secret` is part of the message"],
        );
        check(
            &format!(r#"{{"type":"hmac",{signature},"message":[{{"literal":"x"}}]}}"#),
            &["/message: the message must hold something of the request, such as `body`"],
        );
        check(
            &format!(r#"{{"type":"hmac",{signature},"message":["body"],"timestamp":{{"header":"T","tolerance_seconds":60}}}}"#),
            &["/message: the timestamp is not part of what is signed, so anybody could change it: add `timestamp`"],
        );
        check(
            &format!(r#"{{"type":"hmac",{signature},"message":["timestamp","body"]}}"#),
            &["/message: `timestamp` is part of the message, so say where it stands with `timestamp`"],
        );
        check(
            r#"{"type":"any_of","of":["github","secret_url",{"type":"any_of","of":["github"]}]}"#,
            &[
                "/of/1: `secret_url` asks for nothing, so every other scheme beside it would be pointless",
                "/of/2: `any_of` cannot stand inside `any_of`: list the schemes in one",
            ],
        );
    }
}
