//! Handshakes: requests by which a sender makes sure that somebody listens, before it sends anything. They are answered and make no
//! record.

use salesdash_value::{Text, Value, json};

use crate::body::{self, BodyLimits};
use crate::reader::{Node, Problem, Problems};
use crate::request::{Found, Place, Request};

/// The longest challenge that is sent back, in bytes.
pub const MAX_CHALLENGE_BYTES: usize = 1024;

/// One kind of handshake.
///
/// As data: `{"method": "HEAD"}` (an empty answer), `{"challenge": {"body": "challenge"}, "alone": true, "answer": {"json":
/// "challenge"}}`, `{"when": {"body": "type", "value": "url_verification"}, "challenge": {"body": "challenge"}, "answer": "text",
/// "verified": true}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handshake {
    /// The method of the request. `POST` unless said otherwise.
    pub method: Text,
    /// What must stand somewhere for the request to be a handshake.
    pub when: Option<(Place, Text)>,
    /// Where the text stands that is to be sent back. It must be there for the request to be a handshake.
    pub challenge: Option<Place>,
    /// Whether the challenge must be the only field of the body: so that no event that happens to have such a field is taken for a
    /// handshake.
    pub alone: bool,
    /// How the challenge is sent back.
    pub answer: Answer,
    /// Whether the request must be verified like any other before it is answered.
    pub verified: bool,
}

/// How a challenge is sent back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// As plain text.
    Text,
    /// As JSON: an object with the challenge in this field.
    Json(Text),
    /// In a header, with an empty body.
    Header(Text),
}

/// The answer to a handshake, with status 200.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandshakeAnswer {
    /// The content type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
    /// One more header: name and value.
    pub header: Option<(Text, Text)>,
    /// Whether the request must be verified before it is answered.
    pub must_be_verified: bool,
}

impl Handshake {
    /// The answer, where the request is a handshake of one of these kinds.
    #[must_use]
    pub fn answer(handshakes: &[Self], request: &Request<'_>) -> Option<HandshakeAnswer> {
        let needs_body = |handshake: &Self| {
            let in_body = |place: Option<&Place>| place.is_some_and(Place::is_in_body);
            handshake.method == request.method
                && (in_body(handshake.challenge.as_ref()) || in_body(handshake.when.as_ref().map(|(place, _)| place)))
        };
        let body = handshakes.iter().any(needs_body).then(|| {
            let content_type = match request.header("content-type") {
                Found::Text(text) => Some(text),
                _ => None,
            };
            body::parse(content_type.as_deref(), request.body, &BodyLimits::DEFAULT).ok().map(|(value, _)| value)
        });
        handshakes.iter().find_map(|handshake| handshake.try_answer(request, body.as_ref().and_then(Option::as_ref)))
    }

    fn try_answer(&self, request: &Request<'_>, body: Option<&Value>) -> Option<HandshakeAnswer> {
        if self.method != request.method {
            return None;
        }
        if let Some((place, value)) = &self.when
            && !matches!(place.find(request, body), Found::Text(text) if text == value.as_str())
        {
            return None;
        }
        if self.alone && body.and_then(Value::as_object).is_none_or(|fields| fields.len() != 1) {
            return None;
        }
        let answer = |content_type, body, header| HandshakeAnswer { content_type, body, header, must_be_verified: self.verified };
        let Some(place) = &self.challenge else {
            return Some(answer("text/plain; charset=utf-8", String::new(), None));
        };
        let Found::Text(challenge) = place.find(request, body) else {
            return None;
        };
        if challenge.is_empty() || challenge.len() > MAX_CHALLENGE_BYTES || challenge.contains(char::is_control) {
            return None;
        }
        Some(match &self.answer {
            Answer::Text => answer("text/plain; charset=utf-8", challenge.into_owned(), None),
            Answer::Json(field) => {
                let body = Value::object([(field.as_str(), Value::text(&challenge))]);
                answer("application/json", json::to_string(&body), None)
            }
            Answer::Header(name) => {
                if !challenge.is_ascii() {
                    return None;
                }
                answer("text/plain; charset=utf-8", String::new(), Some((name.clone(), Text::new(&challenge))))
            }
        })
    }

    /// Reads a list of handshakes.
    ///
    /// # Errors
    /// Every problem of the definition.
    pub fn list_from_value(value: &Value) -> Result<Vec<Self>, Vec<Problem>> {
        let mut problems = Problems::default();
        let handshakes = Self::read_list(&mut problems, value, "");
        problems.result(handshakes)
    }

    pub(crate) fn read_list(problems: &mut Problems, value: &Value, pointer: &str) -> Option<Vec<Self>> {
        let Some(items) = value.as_list() else {
            problems.add(pointer, format!("this must be a list of handshakes, not {}", value.kind_name()));
            return None;
        };
        let mut read = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let node = problems.node(item, &format!("{pointer}/{index}"));
            read.extend(node.and_then(|node| Self::read_node(problems, &node)));
        }
        Some(read)
    }

    pub(crate) fn read_node(problems: &mut Problems, node: &Node<'_>) -> Option<Self> {
        node.only(problems, &["method", "when", "challenge", "alone", "answer", "verified"]);
        let methods = [("POST", "POST"), ("GET", "GET"), ("HEAD", "HEAD"), ("PUT", "PUT"), ("OPTIONS", "OPTIONS")];
        let method = match node.get("method") {
            None => "POST",
            Some(_) => node.choice(problems, "method", &methods)?,
        };
        let when = match node.get("when") {
            None => None,
            Some(when) => {
                let when = problems.node(when, &node.at("when"))?;
                when.only(problems, &["header", "query", "body", "value"]);
                let value = when.required_text(problems, "value");
                Some((Place::read(problems, &when)?, value?))
            }
        };
        let challenge = match node.get("challenge") {
            None => None,
            Some(place) => Some(Place::read_own(problems, place, &node.at("challenge"))?),
        };
        let answer = match node.get("answer") {
            None => Answer::Text,
            Some(Value::Text(text)) if text == "text" => Answer::Text,
            Some(Value::Object(_)) => {
                let answer = problems.node(node.get("answer")?, &node.at("answer"))?;
                answer.only(problems, &["json", "header"]);
                match (answer.text(problems, "json"), answer.text(problems, "header")) {
                    (Some(field), None) => Answer::Json(field),
                    (None, Some(name)) => Answer::Header(name),
                    _ => {
                        problems.add(&answer.pointer, "say how to answer with exactly one of: json, header");
                        return None;
                    }
                }
            }
            Some(_) => {
                problems.add(node.at("answer"), r#"an answer is "text", {"json": "<field>"} or {"header": "<name>"}"#);
                return None;
            }
        };
        let alone = node.boolean(problems, "alone").unwrap_or(false);
        let verified = node.boolean(problems, "verified").unwrap_or(false);
        if method == "POST" && when.is_none() && challenge.is_none() {
            problems.add(&node.pointer, "this would take every delivery for a handshake: say `when`, or where the `challenge` stands");
        }
        Some(Self { method: Text::new(method), when, challenge, alone, answer, verified })
    }

    /// The handshake as [`Handshake::list_from_value`] reads it.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut fields: Vec<(&str, Value)> = vec![("method", self.method.as_str().into())];
        if let Some((place, value)) = &self.when {
            fields.push(("when", Value::object([place.field(), ("value", value.as_str().into())])));
        }
        if let Some(place) = &self.challenge {
            fields.push(("challenge", place.to_value()));
        }
        if self.alone {
            fields.push(("alone", true.into()));
        }
        fields.push((
            "answer",
            match &self.answer {
                Answer::Text => "text".into(),
                Answer::Json(field) => Value::object([("json", Value::from(field.as_str()))]),
                Answer::Header(name) => Value::object([("header", Value::from(name.as_str()))]),
            },
        ));
        if self.verified {
            fields.push(("verified", true.into()));
        }
        Value::object(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(handshake: &str, method: &str, body: &str) -> Option<(String, bool)> {
        let value = json::parse(handshake.as_bytes(), json::Limits::DEFAULT).expect("valid JSON");
        let handshakes = Handshake::list_from_value(&value).expect("valid handshakes");
        let written = Value::list(handshakes.iter().map(Handshake::to_value));
        assert_eq!(Handshake::list_from_value(&written).as_ref(), Ok(&handshakes));
        let request = Request { method, url: "https://x.example/?challenge=q", headers: &[("X-Hook", b"h")], body: body.as_bytes() };
        Handshake::answer(&handshakes, &request).map(|answer| {
            let text = answer.header.map_or(answer.body, |(name, value)| format!("{name}: {value}"));
            (text, answer.must_be_verified)
        })
    }

    #[test]
    fn a_challenge_is_sent_back() {
        let alone = r#"[{"challenge":{"body":"challenge"},"alone":true,"answer":{"json":"challenge"}}]"#;
        assert_eq!(answer(alone, "POST", r#"{"challenge":"a\"b"}"#), Some((r#"{"challenge":"a\"b"}"#.to_owned(), false)));
        assert_eq!(answer(alone, "POST", r#"{"challenge":"a","event":{}}"#), None);
        assert_eq!(answer(alone, "POST", r#"{"challenge":{"a":1}}"#), None);
        assert_eq!(answer(alone, "PUT", r#"{"challenge":"a"}"#), None);
        assert_eq!(answer(alone, "POST", "not json"), None);
        let when = r#"[{"when":{"body":"type","value":"url_verification"},"challenge":{"body":"challenge"},"verified":true}]"#;
        assert_eq!(answer(when, "POST", r#"{"type":"url_verification","challenge":"x"}"#), Some(("x".to_owned(), true)));
        assert_eq!(answer(when, "POST", r#"{"type":"event_callback","challenge":"x"}"#), None);
        assert_eq!(answer(r#"[{"method":"HEAD"}]"#, "HEAD", ""), Some((String::new(), false)));
        assert_eq!(answer(r#"[{"method":"GET","challenge":{"query":"challenge"}}]"#, "GET", ""), Some(("q".to_owned(), false)));
        let header = r#"[{"challenge":{"header":"x-hook"},"answer":{"header":"X-Hook"}}]"#;
        assert_eq!(answer(header, "POST", "{}"), Some(("X-Hook: h".to_owned(), false)));
    }

    #[test]
    fn a_handshake_that_would_swallow_deliveries_is_refused() {
        let value = Value::list([Value::object([("alone", Value::from(true))])]);
        let problems = Handshake::list_from_value(&value).expect_err("refused");
        assert_eq!(
            problems[0].to_string(),
            "/0: this would take every delivery for a handshake: say `when`, or where the `challenge` stands"
        );
    }
}
