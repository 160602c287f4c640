//! Taking a delivery apart into records.

use salesdash_value::{Text, Value};
use sha2::{Digest, Sha256};

use super::{BodyError, BodyFormat, BodyLimits, parse, parse_json};
use crate::Problem;
use crate::path::Path;
use crate::reader::Problems;
use crate::request::{Found, Place, Request, text_of};

/// The longest event id that is kept as it is; a longer one is kept as its SHA-256.
pub const MAX_EVENT_ID_BYTES: usize = 200;

/// What to make of a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BodyRules {
    /// Where the record, or the list of records, stands. Without it the body itself is the record.
    pub records_at: Option<Path>,
    /// The field of a form that holds the whole payload as JSON, as GitHub and Slack send it.
    pub form_field: Option<Text>,
}

impl BodyRules {
    /// Reads the rules: `{"records_at": "data.items", "form_field": "payload"}`, each of which can be left out.
    ///
    /// # Errors
    /// Every problem of the definition.
    pub fn from_value(value: &Value) -> Result<Self, Vec<Problem>> {
        let mut problems = Problems::default();
        let rules = Self::read(&mut problems, value, "");
        problems.result(rules)
    }

    pub(crate) fn read(problems: &mut Problems, value: &Value, pointer: &str) -> Option<Self> {
        let node = problems.node(value, pointer)?;
        node.only(problems, &["records_at", "form_field"]);
        let records_at = node.text(problems, "records_at").filter(|path| !path.is_empty());
        let records_at = records_at.and_then(|path| match Path::parse(&path) {
            Ok(path) => Some(path),
            Err(text) => {
                problems.add(node.at("records_at"), text);
                None
            }
        });
        Some(Self { records_at, form_field: node.text(problems, "form_field").filter(|name| !name.is_empty()) })
    }

    /// The rules as [`BodyRules::from_value`] reads them.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut fields: Vec<(&str, Value)> = Vec::new();
        if let Some(path) = &self.records_at {
            fields.push(("records_at", path.to_string().as_str().into()));
        }
        if let Some(name) = &self.form_field {
            fields.push(("form_field", name.as_str().into()));
        }
        Value::object(fields)
    }
}

/// A delivery taken apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Received {
    /// What the body was read as.
    pub format: BodyFormat,
    /// The records, in the order they stand in the body. None where the body is an empty array.
    pub records: Vec<ReceivedRecord>,
}

/// One record of a delivery.
#[derive(Clone, Debug, PartialEq)]
pub struct ReceivedRecord {
    /// The record: an object.
    pub value: Value,
    /// What the sender wrapped it in: the body, or the item of an array body. The record itself where it was not wrapped.
    pub envelope: Value,
    /// Its position (from 0) among the records of its envelope, where there is more than one.
    pub in_envelope: Option<usize>,
    /// Its position (from 0) in the delivery, where that holds more than one.
    pub in_delivery: Option<usize>,
}

impl Received {
    /// Takes a delivery apart: an object is one record; of an array every item is one.
    ///
    /// # Errors
    /// Where the body cannot be read, or any part of it is not a record. Nothing is taken of such a delivery.
    pub fn read(content_type: Option<&str>, body: &[u8], rules: &BodyRules, limits: &BodyLimits) -> Result<Self, BodyError> {
        let (mut value, format) = parse(content_type, body, limits)?;
        if format == BodyFormat::Form
            && let Some(name) = &rules.form_field
            && let Some(Value::Text(text)) = value.get(name)
        {
            value = parse_json(text.as_bytes(), limits)?;
        }
        let mut records = Vec::new();
        match &value {
            Value::Object(_) => take(&value, rules, &mut records)?,
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    if !matches!(item, Value::Object(_)) {
                        return Err(BodyError::ItemNotARecord { position: index + 1, kind: item.kind_name() });
                    }
                    take(item, rules, &mut records)?;
                }
            }
            other => return Err(BodyError::NotARecord { kind: other.kind_name() }),
        }
        if records.len() > limits.records {
            return Err(BodyError::TooManyRecords { limit: limits.records });
        }
        if records.len() > 1 {
            for (index, record) in records.iter_mut().enumerate() {
                record.in_delivery = Some(index);
            }
        }
        Ok(Self { format, records })
    }
}

fn take(envelope: &Value, rules: &BodyRules, records: &mut Vec<ReceivedRecord>) -> Result<(), BodyError> {
    let found = match &rules.records_at {
        Some(path) => path.find(envelope).ok_or_else(|| BodyError::NoRecordsAt { path: path.to_string() })?,
        None => envelope,
    };
    let mut add = |value: &Value, in_envelope| {
        records.push(ReceivedRecord { value: value.clone(), envelope: envelope.clone(), in_envelope, in_delivery: None });
    };
    match found {
        Value::Object(_) => add(found, None),
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                if !matches!(item, Value::Object(_)) {
                    return Err(BodyError::ItemNotARecord { position: index + 1, kind: item.kind_name() });
                }
                add(item, (items.len() > 1).then_some(index));
            }
        }
        Value::Null => return Err(BodyError::NoRecordsAt { path: rules.records_at.as_ref().map(Path::to_string).unwrap_or_default() }),
        other => return Err(BodyError::NotARecord { kind: other.kind_name() }),
    }
    Ok(())
}

impl ReceivedRecord {
    /// The id by which a repeated delivery of this record is recognised, unique among the records of its delivery. `None` where the
    /// sender gives none at this place. An id in the body is looked for in the envelope first, then in the record.
    #[must_use]
    pub fn event_id(&self, place: &Place, request: &Request<'_>) -> Option<Text> {
        let (id, part) = match place {
            Place::Body(path) => match path.find(&self.envelope).and_then(text_of) {
                Some(id) => (id, self.in_envelope),
                None => (path.find(&self.value).and_then(text_of)?, None),
            },
            Place::Header(_) | Place::Query(_) => match place.find(request, None) {
                Found::Text(id) => (Text::new(id), self.in_delivery),
                _ => return None,
            },
        };
        if id.is_empty() {
            return None;
        }
        let id =
            if id.len() > MAX_EVENT_ID_BYTES { Text::new(format!("sha256:{}", hex::encode(Sha256::digest(id.as_bytes())))) } else { id };
        Some(match part {
            Some(part) => Text::new(format!("{id}#{part}")),
            None => id,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use salesdash_value::json;

    fn rules(records_at: &str) -> BodyRules {
        BodyRules { records_at: Path::parse(records_at).ok(), form_field: Some(Text::new("payload")) }
    }

    fn check(body: &str, records_at: &str, expected: Result<&[&str], &str>) {
        let limits = BodyLimits { records: 3, ..BodyLimits::DEFAULT };
        let read = Received::read(None, body.as_bytes(), &rules(records_at), &limits)
            .map(|received| received.records.iter().map(|record| json::to_string(&record.value)).collect::<Vec<_>>())
            .map_err(|error| error.to_string());
        let expected = expected.map(|records| records.iter().map(|record| (*record).to_owned()).collect()).map_err(str::to_owned);
        assert_eq!(read, expected, "{body}");
    }

    #[test]
    fn an_object_is_a_record_and_an_array_is_taken_apart() {
        check(r#"{"a":1}"#, "", Ok(&[r#"{"a":1}"#]));
        check(r#"[{"a":1},{"a":2}]"#, "", Ok(&[r#"{"a":1}"#, r#"{"a":2}"#]));
        check("[]", "", Ok(&[]));
        check(r#"{"data":{"items":[{"a":1},{"a":2}]}}"#, "data.items", Ok(&[r#"{"a":1}"#, r#"{"a":2}"#]));
        check(r#"[{"data":{"a":1}},{"data":{"a":2}}]"#, "data", Ok(&[r#"{"a":1}"#, r#"{"a":2}"#]));
        check("payload=%7B%22a%22%3A1%7D", "", Ok(&[r#"{"a":1}"#]));
    }

    #[test]
    fn what_holds_no_record_is_refused_whole() {
        check(r#""x""#, "", Err("The body is JSON, but a string is not a record. A delivery must be an object, or an array of objects."));
        check("12", "", Err("The body is JSON, but a number is not a record. A delivery must be an object, or an array of objects."));
        check("null", "", Err("The body is JSON, but null is not a record. A delivery must be an object, or an array of objects."));
        check(r#"[{"a":1},2]"#, "", Err("Item 2 of the array is a number, not an object. Nothing of the delivery was taken."));
        check(
            r#"{"data":null}"#,
            "data",
            Err("The body has nothing at `data`, where this source looks for its records. Change the path, or have the sender send it."),
        );
        check("[{},{},{},{}]", "", Err("The body holds more than 3 records, the most that one delivery may hold."));
    }

    fn event_ids(body: &str, records_at: &str, place: &Place) -> Vec<Option<String>> {
        let request = Request { method: "POST", url: "https://x.example/", headers: &[("X-Id", b"e1")], body: body.as_bytes() };
        let received = Received::read(None, body.as_bytes(), &rules(records_at), &BodyLimits::DEFAULT).expect("readable");
        received.records.iter().map(|record| record.event_id(place, &request).map(String::from)).collect()
    }

    #[test]
    fn event_ids_are_unique_in_a_delivery() {
        let header = Place::Header(Text::new("x-id"));
        let id = Place::Body(Path::parse("id").expect("valid"));
        assert_eq!(event_ids("{}", "", &header), [Some("e1".to_owned())]);
        assert_eq!(event_ids("[{},{}]", "", &header), [Some("e1#0".to_owned()), Some("e1#1".to_owned())]);
        assert_eq!(event_ids(r#"[{"id":7},{"id":"8"},{}]"#, "", &id), [Some("7".to_owned()), Some("8".to_owned()), None]);
        assert_eq!(event_ids(r#"{"id":7,"d":[{},{}]}"#, "d", &id), [Some("7#0".to_owned()), Some("7#1".to_owned())]);
        assert_eq!(event_ids(r#"{"d":[{"id":1},{"id":2}]}"#, "d", &id), [Some("1".to_owned()), Some("2".to_owned())]);
        let long = "x".repeat(MAX_EVENT_ID_BYTES + 1);
        let ids = event_ids(&format!(r#"{{"id":"{long}"}}"#), "", &id);
        assert!(ids[0].as_deref().is_some_and(|id| id.starts_with("sha256:") && id.len() == 71));
    }

    #[test]
    fn rules_read_back() {
        let rules = rules("data.items");
        assert_eq!(BodyRules::from_value(&rules.to_value()), Ok(rules));
        let wrong = BodyRules::from_value(&Value::object([("record_at", Value::from("x")), ("form_field", Value::from(1))]));
        let texts: Vec<_> = wrong.expect_err("wrong").iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "/record_at: `record_at` is not a key of this; did you mean `records_at`?",
                "/form_field: `form_field` must be a string, not a number"
            ]
        );
    }
}
