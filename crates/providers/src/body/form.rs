//! Forms: `application/x-www-form-urlencoded`.

use std::collections::HashMap;

use salesdash_value::{Text, Value};

use super::{BodyError, BodyLimits};
use crate::request::decode;

/// Reads a form as an object of texts. A repeated key becomes a list; `a[b]` is a key like any other.
pub(super) fn parse(content: &[u8], limits: &BodyLimits) -> Result<Value, BodyError> {
    let content = std::str::from_utf8(content).map_err(|_| BodyError::NotUtf8)?.trim_end();
    let mut fields: Vec<(Text, Vec<Value>)> = Vec::new();
    let mut places: HashMap<Text, usize> = HashMap::new();
    let pairs = content.split('&').filter(|pair| !pair.is_empty());
    for (count, pair) in pairs.enumerate() {
        // The object itself is a value too.
        if count + 1 >= limits.values {
            return Err(BodyError::TooManyValues { limit: limits.values });
        }
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let key = Text::new(decode(key).ok_or(BodyError::NotUtf8)?);
        let value = Value::text(decode(value).ok_or(BodyError::NotUtf8)?);
        match places.get(&key) {
            Some(place) => fields[*place].1.push(value),
            None => {
                places.insert(key.clone(), fields.len());
                fields.push((key, vec![value]));
            }
        }
    }
    let fields = fields.into_iter().map(|(key, mut values)| match values.len() {
        1 => (key, values.pop().unwrap_or_default()),
        _ => (key, Value::List(values.into())),
    });
    Ok(Value::Object(fields.collect()))
}
