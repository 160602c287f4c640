//! A request as it was received, and the places in it where something can stand.

use std::borrow::Cow;
use std::fmt;

use percent_encoding::percent_decode_str;
use salesdash_value::{Text, Value, number};

use crate::path::Path;
use crate::reader::{Node, Problems};

/// A webhook request, with its body exactly as it was received.
#[derive(Clone, Copy)]
pub struct Request<'r> {
    /// `POST`, in capitals.
    pub method: &'r str,
    /// The whole URL as the sender knows it: scheme, host, path and query. Behind a proxy this is the public URL, not the local one.
    pub url: &'r str,
    /// Names (in any case) and values, in the order received.
    pub headers: &'r [(&'r str, &'r [u8])],
    /// The bytes of the body.
    pub body: &'r [u8],
}

impl fmt::Debug for Request<'_> {
    /// Without anything that could be secret or personal: the URL holds a secret, headers hold tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("headers", &self.headers.len())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What stands at a place of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found<'r> {
    /// Nothing.
    Nothing,
    /// A text.
    Text(Cow<'r, str>),
    /// More than one, so nobody can say which is meant.
    Several,
    /// Something that is not text.
    NotText,
}

impl<'r> Request<'r> {
    /// The value of a header, whatever the case of its name.
    #[must_use]
    pub fn header(&self, name: &str) -> Found<'r> {
        let mut values = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| *value);
        match (values.next(), values.next()) {
            (None, _) => Found::Nothing,
            (Some(_), Some(_)) => Found::Several,
            (Some(value), None) => std::str::from_utf8(value).map_or(Found::NotText, |text| Found::Text(Cow::Borrowed(text.trim()))),
        }
    }

    /// The decoded value of a query parameter.
    #[must_use]
    pub fn query(&self, name: &str) -> Found<'r> {
        let query = self.url.split_once('?').map_or("", |(_, query)| query);
        let query = query.split_once('#').map_or(query, |(query, _)| query);
        let mut values = query
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .filter(|(key, _)| decode(key).is_some_and(|key| key == name))
            .map(|(_, value)| decode(value));
        match (values.next(), values.next()) {
            (None, _) => Found::Nothing,
            (Some(_), Some(_)) => Found::Several,
            (Some(value), None) => value.map_or(Found::NotText, Found::Text),
        }
    }
}

/// Decodes one part of a query or of a form: `+` is a space. `None` where it is not UTF-8.
pub(crate) fn decode(part: &str) -> Option<Cow<'_, str>> {
    if !part.contains(['%', '+']) {
        return Some(Cow::Borrowed(part));
    }
    let spaced = part.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(|text| Cow::Owned(text.into_owned()))
}

/// Where in a request something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The value of a header.
    Header(Text),
    /// A parameter of the URL's query.
    Query(Text),
    /// A text or number in the body.
    Body(Path),
}

/// The keys with which a definition names a place.
pub(crate) const PLACE_KEYS: [&str; 3] = ["header", "query", "body"];

impl Place {
    /// What stands there. `body` is the body as a value, where it could be read as one.
    #[must_use]
    pub fn find<'r>(&self, request: &Request<'r>, body: Option<&Value>) -> Found<'r> {
        match self {
            Self::Header(name) => request.header(name),
            Self::Query(name) => request.query(name),
            Self::Body(path) => match body.and_then(|body| path.find(body)) {
                None | Some(Value::Null) => Found::Nothing,
                Some(value) => text_of(value).map_or(Found::NotText, |text| Found::Text(Cow::Owned(text.into()))),
            },
        }
    }

    /// Whether finding it needs the body as a value.
    #[must_use]
    pub const fn is_in_body(&self) -> bool {
        matches!(self, Self::Body(_))
    }

    /// Reads a place from an object: exactly one of the keys `header`, `query` and `body`.
    pub(crate) fn read(problems: &mut Problems, node: &Node<'_>) -> Option<Self> {
        let given: Vec<_> = PLACE_KEYS.into_iter().filter(|key| node.get(key).is_some()).collect();
        let [key] = given[..] else {
            problems.add(&node.pointer, "say where it stands with exactly one of: header, query, body");
            return None;
        };
        let name = node.required_text(problems, key)?;
        Some(match key {
            "header" => {
                if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)) {
                    problems.add(node.at(key), "this is not the name of a header");
                    return None;
                }
                Self::Header(name)
            }
            "query" => Self::Query(name),
            _ => match Path::parse(&name) {
                Ok(path) => Self::Body(path),
                Err(text) => {
                    problems.add(node.at(key), text);
                    return None;
                }
            },
        })
    }

    /// Reads a place that is an object of its own, such as `{"header": "X-GitHub-Delivery"}`.
    ///
    /// # Errors
    /// Every problem of the definition.
    pub fn from_value(value: &Value) -> Result<Self, Vec<crate::Problem>> {
        let mut problems = Problems::default();
        let place = Self::read_own(&mut problems, value, "");
        problems.result(place)
    }

    pub(crate) fn read_own(problems: &mut Problems, value: &Value, pointer: &str) -> Option<Self> {
        let node = problems.node(value, pointer)?;
        node.only(problems, &PLACE_KEYS);
        Self::read(problems, &node)
    }

    /// The key and the name with which a definition says it.
    pub(crate) fn field(&self) -> (&'static str, Value) {
        match self {
            Self::Header(name) => ("header", name.as_str().into()),
            Self::Query(name) => ("query", name.as_str().into()),
            Self::Body(path) => ("body", path.to_string().as_str().into()),
        }
    }

    /// The place as a definition writes it.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Value::object([self.field()])
    }
}

impl fmt::Display for Place {
    /// As it stands in a sentence: ``the header `X-Signature` ``.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(name) => write!(f, "the header `{name}`"),
            Self::Query(name) => write!(f, "the query parameter `{name}`"),
            Self::Body(path) => write!(f, "the field `{path}` of the body"),
        }
    }
}

/// The text form of a text or a number; numbers are plain.
pub fn text_of(value: &Value) -> Option<Text> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Number(value) => Some(number::plain(*value)),
        Value::BigNumber(text) => Some(Text::new(text)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request<'r>(url: &'r str, headers: &'r [(&'r str, &'r [u8])]) -> Request<'r> {
        Request { method: "POST", url, headers, body: b"" }
    }

    #[test]
    fn a_header_is_found_whatever_its_case_and_once_only() {
        let headers: &[(&str, &[u8])] = &[("X-A", b" 1 "), ("x-b", b"1"), ("X-B", b"2"), ("x-c", b"\xff")];
        let request = request("https://x.example/", headers);
        assert_eq!(request.header("x-a"), Found::Text("1".into()));
        assert_eq!(request.header("x-b"), Found::Several);
        assert_eq!(request.header("x-c"), Found::NotText);
        assert_eq!(request.header("x-d"), Found::Nothing);
    }

    #[test]
    fn a_query_parameter_is_decoded() {
        let request = request("https://x.example/?a=b+c%21&d&t=1&t=2&bad=%ff#x=1", &[]);
        assert_eq!(request.query("a"), Found::Text("b c!".into()));
        assert_eq!(request.query("d"), Found::Text("".into()));
        assert_eq!(request.query("t"), Found::Several);
        assert_eq!(request.query("bad"), Found::NotText);
        assert_eq!(request.query("x"), Found::Nothing);
    }

    #[test]
    fn a_request_in_debug_output_shows_no_content() {
        let request = Request {
            method: "POST",
            url: "https://x.example/hooks/geheim",
            headers: &[("Authorization", b"Bearer geheim")],
            body: b"geheim",
        };
        assert!(!format!("{request:?}").contains("geheim"));
    }
}
