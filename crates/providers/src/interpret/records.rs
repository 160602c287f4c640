//! From what a vendor sends to the records that are taken.

use salesdash_language::diagnostics::Fault;
use salesdash_value::{Instant, Text, Value};

use super::variables::{Given, of_record};
use crate::definition::http::{Each, Listing};
use crate::definition::read::Paths;

/// The most records that one can be unfolded into.
pub const MAX_UNFOLDED: usize = 10_000;

/// Where a record comes from.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'o> {
    /// What it came in.
    pub envelope: &'o Value,
    /// The headers, as [`super::variables::headers`] gives them.
    pub headers: &'o Value,
    /// The partition of the poll.
    pub partition: &'o Value,
    /// The time, for expressions that ask for it.
    pub at: Instant,
}

/// The records at the paths of an answer: a list, or one. `None` where nothing stands there.
#[must_use]
pub fn listed(body: &Value, paths: Option<&Paths>) -> Option<Vec<Value>> {
    let found = match paths {
        Some(paths) => paths.find(body)?,
        None => body,
    };
    match found {
        Value::List(items) => Some(items.to_vec()),
        Value::Object(_) => Some(vec![found.clone()]),
        _ => None,
    }
}

/// What is wrong with an answer that holds no records where they should be, in a sentence: nothing stands there, or a text, a number, a boolean. Such an answer
/// must not pass for an empty one: the cursor would move on past what was never given. `None` where it is well.
#[must_use]
pub fn unlisted(body: &Value, listing: &Listing) -> Option<String> {
    let paths = listing.records.as_ref();
    let found = match paths {
        Some(paths) => paths.find(body),
        None => Some(body),
    };
    match found {
        Some(Value::List(_) | Value::Object(_)) => None,
        None | Some(Value::Null) if listing.records_may_be_absent => None,
        None | Some(Value::Null) => {
            let what = if paths.is_some() { "holds nothing" } else { "is empty" };
            Some(format!(
                "{} {what}: expected a list of records there. Where it is left out when there are none, that has to be said.",
                place(paths)
            ))
        }
        Some(other) => Some(format!("{} is {}: expected a list of records there.", place(paths), other.kind_name())),
    }
}

/// Where records are looked for in an answer, as a sentence begins.
pub(super) fn place(paths: Option<&Paths>) -> String {
    let Some(paths) = paths else { return "The vendor's answer".to_owned() };
    let paths: Vec<String> = paths.0.iter().map(|path| format!("`{path}`")).collect();
    format!("The vendor's answer at {}", paths.join(" or "))
}

/// What one item becomes: nothing, where `only` leaves it out; one record; or several, where it is unfolded.
///
/// # Errors
/// Where an added field cannot be computed, or an item is no record. The message holds nothing of the record.
pub fn each(rules: Option<&Each>, given: &Given, item: Value, origin: Origin<'_>) -> Result<Vec<Value>, String> {
    let Some(rules) = rules else { return Ok(vec![object(item)?]) };
    let variables = |record: &Value| of_record(given, record, origin.envelope, origin.headers, origin.partition);
    let record = match &rules.at {
        Some(at) => at.find(&item).cloned().unwrap_or_default(),
        None => item,
    };
    if rules.only.as_ref().is_some_and(|only| !only.holds(&variables(&record), origin.at)) {
        return Ok(Vec::new());
    }
    let record = object(record)?;
    let record = if rules.add.0.is_empty() {
        record
    } else {
        let known = variables(&record);
        let added: Result<Vec<(Text, Value)>, Fault> =
            rules.add.0.iter().map(|(name, picked)| Ok((name.clone(), picked.evaluate(&known, origin.at)?))).collect();
        let added = added.map_err(|fault| format!("a field that is added to the record cannot be computed: {}", fault.text))?;
        with(&record, added)
    };
    let Some(unfold) = &rules.unfold else { return Ok(vec![record]) };
    let items = match unfold.find(&record) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::List(items)) => items.clone(),
        Some(other) => return Err(format!("`{unfold}` holds {}, where a list should be", other.kind_name())),
    };
    if items.len() > MAX_UNFOLDED {
        return Err(format!("`{unfold}` holds more than {MAX_UNFOLDED} records"));
    }
    let outer = rules.outer.as_ref().map(|name| (name, without(&record, &unfold.to_string())));
    items
        .iter()
        .map(|item| {
            let item = object(item.clone())?;
            Ok(match &outer {
                Some((name, outer)) => with(&item, [((*name).clone(), outer.clone())]),
                None => item,
            })
        })
        .collect()
}

fn object(value: Value) -> Result<Value, String> {
    if value.as_object().is_some() { Ok(value) } else { Err(format!("a record is {}, where an object should be", value.kind_name())) }
}

/// An object with fields added to it, or replaced in it.
#[must_use]
pub fn with(record: &Value, added: impl IntoIterator<Item = (Text, Value)>) -> Value {
    Value::object(record.as_object().unwrap_or_default().iter().cloned().chain(added))
}

/// An object without a field.
fn without(record: &Value, field: &str) -> Value {
    Value::object(record.as_object().unwrap_or_default().iter().filter(|(name, _)| name != field).cloned())
}
