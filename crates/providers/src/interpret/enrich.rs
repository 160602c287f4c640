//! From what was fetched to what hangs on a record.

use salesdash_value::{Text, Value, json};

use super::records::place;
use crate::definition::enrichment::{Batch, FieldOptions, NamedFields};
use crate::path::Path;
use crate::request::text_of;

/// What an id is known by in a cache: the text of it, or the JSON of an object such as `{type, id}`. `None` where there is no id.
#[must_use]
pub fn id_key(id: &Value) -> Option<Text> {
    match id {
        Value::Object(fields) if !fields.is_empty() => Some(Text::new(json::to_string(id))),
        other => text_of(other).filter(|text| !text.is_empty()),
    }
}

/// The row of a table with this id.
#[must_use]
pub fn row<'r>(rows: &'r [Value], key: &Path, id: &str) -> Option<&'r Value> {
    rows.iter().find(|row| key.find(row).and_then(text_of).is_some_and(|known| known == id))
}

/// The records of a batch by their ids.
///
/// # Errors
/// Where the answer holds no list of them: that must not pass for one in which none was found. The message holds nothing of the answer.
pub fn batch(batch: &Batch, body: &Value) -> Result<Vec<(Text, Value)>, String> {
    let Some(records) = batch.records.find(body).and_then(Value::as_list) else {
        return Err(format!("{} holds no list: expected the records that were asked for there.", place(Some(&batch.records))));
    };
    Ok(records.iter().filter_map(|record| Some((batch.key.find(record).and_then(text_of)?, record.clone()))).collect())
}

/// The custom fields of a record with their names: `{"list": [{"key", "name", "value", "label"}]}`, in the order of the table. Fields that the
/// record does not have are left out.
#[must_use]
pub fn named_fields(rules: &NamedFields, key: &Path, rows: &[Value], record: &Value) -> Value {
    let held = match &rules.at {
        Some(at) => at.find(record).cloned().unwrap_or_default(),
        None => record.clone(),
    };
    let find = |name: &str| -> Option<Value> {
        match (&held, &rules.item_key, &rules.item_value) {
            (Value::List(items), Some(item_key), Some(item_value)) => {
                let item = items.iter().find(|item| item_key.find(item).and_then(text_of).is_some_and(|known| known == name))?;
                item_value.find(item).cloned()
            }
            _ => held.get(name).cloned(),
        }
    };
    let list = rows.iter().filter_map(|row| {
        let field = key.find(row).and_then(text_of)?;
        let value = find(&field).filter(|value| !value.is_null())?;
        let name = rules.name.find(row).and_then(text_of).unwrap_or_else(|| field.clone());
        let label = rules.options.as_ref().and_then(|options| label(options, row, &value));
        Some(Value::object([("key", Value::Text(field)), ("name", Value::Text(name)), ("value", value), ("label", label.into())]))
    });
    Value::object([("list", Value::list(list))])
}

/// The names of the chosen options.
fn label(options: &FieldOptions, row: &Value, value: &Value) -> Option<Text> {
    let listed = options.list.find(row)?.as_list()?;
    let name = |chosen: &str| {
        let option = listed.iter().find(|option| options.key.find(option).and_then(text_of).is_some_and(|known| known == chosen))?;
        options.name.find(option).and_then(text_of)
    };
    let chosen: Vec<Text> = match value {
        Value::List(items) => items.iter().filter_map(text_of).collect(),
        // Some vendors write several options as one text with commas.
        Value::Text(text) if name(text).is_none() && text.contains(',') => text.split(',').map(|part| Text::new(part.trim())).collect(),
        other => text_of(other).into_iter().collect(),
    };
    let names: Vec<Text> = chosen.iter().filter_map(|chosen| name(chosen)).collect();
    (!names.is_empty()).then(|| Text::new(names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::enrichment::Enrichment;
    use crate::definition::read::{Read, Reading};

    fn parse(text: &str) -> Value {
        json::parse(text.as_bytes(), json::Limits::DEFAULT).expect("JSON")
    }

    #[test]
    fn custom_fields_get_their_names() {
        let rules = r#"{"type":"named_fields","title":"x","model":"m","table":"t","name":"name","options":{"list":"options","key":"id","name":"label"}"#;
        let rows = parse(
            r#"[{"key":"a1","name":"Region","options":[{"id":1,"label":"North"},{"id":2,"label":"South"}]},{"key":"b2","name":"Score"},{"key":"c3","name":"Gone"}]"#,
        );
        let rows = rows.as_list().expect("rows");
        let key = Path::parse("key").expect("a path");
        let named = |extra: &str, record: &str| {
            let mut reading = Reading::default();
            let Some(Enrichment::NamedFields(rules)) = Enrichment::read(&mut reading, &parse(&format!("{rules}{extra}}}")), "") else {
                panic!("{reading:?}");
            };
            json::to_string(&named_fields(&rules, &key, rows, &parse(record)))
        };
        let expected = r#"{"list":[{"key":"a1","name":"Region","value":"1,2","label":"North, South"},{"key":"b2","name":"Score","value":7,"label":null}]}"#;
        assert_eq!(named("", r#"{"id":"d1","a1":"1,2","b2":7,"c3":null}"#), expected);
        let listed = r#"{"id":"d1","custom":[{"id":"b2","number":7},{"id":"a1","text":"1,2"}]}"#;
        assert_eq!(named(r#","at":"custom","item_key":"id","item_value":["text","number"]"#, listed), expected);
        assert_eq!(named(r#","at":"custom""#, r#"{"id":"d1"}"#), r#"{"list":[]}"#);
    }

    #[test]
    fn an_answer_without_the_list_of_a_batch_is_no_empty_one() {
        let rules = r#"{"type":"by_id","title":"x","model":"m","request":{"path":"/x"},"id":"id","batch":{"size":10,"records":["data.items","results"],"key":"id"}}"#;
        let mut reading = Reading::default();
        let Some(Enrichment::ById(rules)) = Enrichment::read(&mut reading, &parse(rules), "") else { panic!("{reading:?}") };
        let rules = rules.batch.expect("a batch");
        let ids = |body: &str| batch(&rules, &parse(body)).map(|found| found.into_iter().map(|(id, _)| id.to_string()).collect::<Vec<_>>());
        assert_eq!(ids(r#"{"results":[{"id":7},{"name":"without"}]}"#), Ok(vec!["7".to_owned()]));
        assert_eq!(ids(r#"{"results":[]}"#), Ok(Vec::new()));
        let said = "The vendor's answer at `data.items` or `results` holds no list: expected the records that were asked for there.";
        assert_eq!(ids(r#"{"errors":["kim@example.com"]}"#), Err(said.to_owned()));
        assert_eq!(ids(r#"{"results":"none"}"#), Err(said.to_owned()));
    }
}
