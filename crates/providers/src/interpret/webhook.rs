//! From a delivery of a provider type to records.

use salesdash_value::{Instant, Text, Value};

use super::records::{self, Origin, with};
use super::variables::{Given, headers, of_record};
use crate::body::ReceivedRecord;
use crate::definition::time::WrittenTime;
use crate::definition::webhook::Webhook;
use crate::request::{Request, text_of};

/// A record of a delivery, as it is taken in.
#[derive(Clone, Debug, PartialEq)]
pub struct Shaped {
    /// The record. Of a thin event, the event.
    pub record: Value,
    /// The id of the event, by which a repetition is recognised.
    pub event: Option<Text>,
    /// The key of the record, where it does not stand at the model's key: that of the record which a thin event speaks of.
    pub key: Option<Text>,
}

/// The field that marks a record that is gone.
pub const IS_DELETED: &str = "is_deleted";
/// The field that holds when the event happened.
pub const EVENT_TIME: &str = "event_time";

/// Makes records of what a delivery holds. Those that `only` leaves out are not among them.
///
/// # Errors
/// Where something of it is no record. The message holds nothing of what was sent.
pub fn take(
    webhook: &Webhook,
    given: &Given,
    request: &Request<'_>,
    received: &[ReceivedRecord],
    at: Instant,
) -> Result<Vec<Shaped>, String> {
    let texts = request.headers.iter().filter_map(|(name, value)| Some((*name, std::str::from_utf8(value).ok()?)));
    let headers = headers(texts);
    let mut taken = Vec::with_capacity(received.len());
    for part in received {
        let origin = Origin { envelope: &part.envelope, headers: &headers, partition: &Value::Null, at };
        let event = webhook.event_id.as_ref().and_then(|place| part.event_id(place, request));
        let known = of_record(given, &part.value, &part.envelope, &headers, &Value::Null);
        let deleted = webhook.deletes.as_ref().filter(|deletes| deletes.when.holds(&known, at));
        let shaped = match deleted.and_then(|deletes| deletes.record.as_ref()) {
            // The record as it was stands at its own place, whatever `at` says of the others.
            Some(path) => {
                let rules = webhook.each.clone().map(|each| crate::definition::http::Each { at: None, ..each });
                records::each(rules.as_ref(), given, path.find(&part.envelope).cloned().unwrap_or_default(), origin)?
            }
            None => records::each(webhook.each.as_ref(), given, part.value.clone(), origin)?,
        };
        let several = shaped.len() > 1;
        for (index, mut record) in shaped.into_iter().enumerate() {
            let known = of_record(given, &record, &part.envelope, &headers, &Value::Null);
            let mut added: Vec<(Text, Value)> = Vec::new();
            if let Some(time) = &webhook.time {
                let written = time.from.evaluate(&known, at).unwrap_or_default();
                let instant = time.reads.clone().unwrap_or_else(WrittenTime::iso).read_time(&written);
                added.push((
                    Text::new_static(EVENT_TIME),
                    instant.map_or(Value::Null, |instant| Value::Text(salesdash_value::datetime::rfc3339(instant))),
                ));
            }
            if deleted.is_some() {
                added.push((Text::new_static(IS_DELETED), true.into()));
            }
            if !added.is_empty() {
                record = with(&record, added);
            }
            let key = webhook.complete.as_ref().and_then(|complete| text_of(&complete.id.evaluate(&known, at).ok()?));
            let event = match (&event, several) {
                (Some(event), true) => Some(Text::new(format!("{event}#{index}"))),
                (event, _) => event.clone(),
            };
            taken.push(Shaped { record, event, key });
        }
    }
    Ok(taken)
}
