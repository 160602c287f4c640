//! What people define on a source themselves: what it asks for, and what is fetched to go with its records, in the format of definitions.
//!
//! ```json
//! { "poll": {"title": "Deals", "model": "deal", "list": {…}}, "key": "id",
//!   "enrichments": { "owner": {"id": "owner_id", "fetch": {"type": "by_id", "request": {"path": ["users", {"type": "var", "var": "id"}]}}},
//!                    "team": {"on": "owner", "id": "team_id", "fetch": {…}} } }
//! ```
//!
//! An enrichment hangs on the record, or `on` another one, by the `id` that is picked there. `fetch` is an enrichment of a definition whose `title` and `model`
//! are made here: the model is called after the record's and the enrichment's name.

use salesdash_providers::Problem;
use salesdash_providers::definition::Definition;
use salesdash_providers::definition::poll::Poll;
use salesdash_value::{Text, Value};

/// The most enrichments that one source defines.
pub const MAX_ENRICHMENTS: usize = 50;

/// The keys of an enrichment that people define.
const KEYS: [&str; 3] = ["on", "id", "fetch"];

/// An enrichment that people defined.
struct Hung {
    name: Text,
    /// The enrichment that it hangs on; the record where there is none.
    on: Option<Text>,
    id: Option<Value>,
    fetch: Value,
}

/// The name of the model that an enrichment yields.
#[must_use]
pub fn model_of(record: &str, enrichment: &str) -> String {
    format!("{record}_{enrichment}")
}

/// The enrichments down to one of this name, from the record on; `None` where there is no such enrichment.
#[must_use]
pub fn chain(settings: &Value, name: &str) -> Option<Vec<Text>> {
    let declared = settings.get("enrichments")?;
    let mut chain = vec![Text::new(name)];
    let mut entry = declared.get(name)?;
    while let Some(on) = entry.get("on").and_then(Value::as_text).filter(|on| !on.is_empty()) {
        if chain.len() > MAX_ENRICHMENTS {
            return None;
        }
        chain.push(Text::new(on));
        entry = declared.get(on)?;
    }
    chain.reverse();
    Some(chain)
}

/// A definition that holds what people defined on a source: its poll, its model and its enrichments, on top of the provider type.
///
/// # Errors
/// What is wrong, each with its place in the settings of the source.
pub fn custom(definition: &Definition, poll: &Value, settings: &Value) -> Result<(Poll, Definition), Vec<Problem>> {
    let model = poll.get("model").and_then(Value::as_text).unwrap_or("record");
    let hung = hung(settings)?;
    let declared = settings.get("model").cloned().unwrap_or_else(|| {
        Value::object([
            ("title", Value::from(model)),
            ("key", settings.get("key").cloned().unwrap_or_else(|| "id".into())),
            ("open", true.into()),
            ("fields", Value::object::<&str>([])),
        ])
    });
    let mut models = vec![(Text::new(model), with(&declared, "enrichments", references(&hung, None)))];
    let mut enrichments = Vec::with_capacity(hung.len());
    for each in &hung {
        let yields = Text::new(model_of(model, &each.name));
        let title = each.fetch.get("title").cloned().unwrap_or_else(|| Value::Text(titled(&each.name)));
        let declared = Value::object([
            ("title", title.clone()),
            ("open", true.into()),
            ("fields", Value::object::<&str>([])),
            ("enrichments", references(&hung, Some(&each.name))),
        ]);
        enrichments.push((each.name.clone(), with(&with(&each.fetch, "title", title), "model", Value::Text(yields.clone()))));
        models.push((yields, declared));
    }
    let document = Value::object([
        ("format", Value::from(1)),
        ("name", definition.name.0.clone().into()),
        ("title", definition.title.clone().into()),
        ("summary", definition.summary.clone().into()),
        ("settings", settings.get("$settings").cloned().unwrap_or_else(|| Value::object::<&str>([]))),
        ("http", Value::object([("base_url", Value::from("https://placeholder.invalid"))])),
        ("models", Value::object(models)),
        ("polls", Value::object([("own", poll.clone())])),
        ("enrichments", Value::object(enrichments)),
    ]);
    let read = Definition::from_value(&document).map_err(|problems| {
        problems.into_iter().map(|problem| Problem { pointer: place(&problem.pointer), text: problem.text }).collect::<Vec<_>>()
    })?;
    let poll = read.polls.get("own").cloned();
    poll.map(|poll| (poll, read)).ok_or_else(Vec::new)
}

/// The enrichments of a source's settings.
fn hung(settings: &Value) -> Result<Vec<Hung>, Vec<Problem>> {
    let one = |pointer: String, text: &str| vec![Problem { pointer, text: text.to_owned() }];
    let declared = match settings.get("enrichments") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(declared) => {
            declared.as_object().ok_or_else(|| one("/enrichments".to_owned(), "this must be an object: name → enrichment"))?
        }
    };
    if declared.len() > MAX_ENRICHMENTS {
        return Err(one("/enrichments".to_owned(), "a source has 50 enrichments at most"));
    }
    let mut problems = Vec::new();
    let mut hung = Vec::with_capacity(declared.len());
    for (name, entry) in declared {
        let at = |key: &str| format!("/enrichments/{name}{key}");
        let mut wrong = |key: &str, text: String| problems.push(Problem { pointer: at(key), text });
        if entry.as_object().is_none() {
            wrong("", format!("an enrichment is an object, not {}", entry.kind_name()));
            continue;
        }
        for (key, _) in entry.as_object().unwrap_or_default() {
            if !KEYS.contains(&key.as_str()) {
                wrong(&format!("/{key}"), format!("`{key}` is no key of an enrichment; it has `on`, `id` and `fetch`"));
            }
        }
        let on = entry.get("on").and_then(Value::as_text).filter(|on| !on.is_empty()).map(Text::new);
        if let Some(on) = &on {
            let known = declared.iter().any(|(known, _)| known == on);
            if !known {
                wrong("/on", format!("there is no enrichment `{on}` to hang it on"));
            } else if chain(settings, name).is_none() {
                wrong("/on", "it hangs on itself: something has to hang on the record".to_owned());
            }
        }
        match entry.get("fetch") {
            Some(fetch) if fetch.as_object().is_some() => {
                hung.push(Hung { name: name.clone(), on, id: entry.get("id").filter(|id| !id.is_empty()).cloned(), fetch: fetch.clone() });
            }
            Some(other) => wrong("/fetch", format!("this must be an object, not {}", other.kind_name())),
            None => wrong("", "`fetch` is missing".to_owned()),
        }
    }
    if problems.is_empty() { Ok(hung) } else { Err(problems) }
}

/// What hangs on the record, or on an enrichment.
fn references(hung: &[Hung], on: Option<&Text>) -> Value {
    let here = hung.iter().filter(|each| each.on.as_ref() == on);
    Value::object(here.map(|each| {
        let id = each.id.iter().map(|id| (Text::new_static("id"), id.clone()));
        let fetch = (Text::new_static("fetch"), Value::Text(each.name.clone()));
        (each.name.clone(), Value::object(std::iter::once(fetch).chain(id)))
    }))
}

/// The place in a source's settings of what stands at a place of the made definition.
fn place(pointer: &str) -> String {
    let mut steps = pointer.split('/').skip(1);
    let (first, second, third, fourth) = (steps.next(), steps.next(), steps.next(), steps.next());
    let rest: String = steps.map(|step| format!("/{step}")).collect();
    let tail = |step: Option<&str>| step.map(|step| format!("/{step}")).unwrap_or_default();
    match (first, second, third) {
        (Some("polls"), ..) => format!("/poll{}{}{rest}", tail(third), tail(fourth)),
        (Some("enrichments"), Some(name), None) => format!("/enrichments/{name}"),
        (Some("enrichments"), Some(name), Some(_)) => format!("/enrichments/{name}/fetch{}{}{rest}", tail(third), tail(fourth)),
        // What hangs on a model is said where it is defined.
        (Some("models"), Some(_), Some("enrichments")) => format!("/enrichments{}{rest}", tail(fourth)),
        (Some("models"), ..) => format!("/model{}{}{rest}", tail(third), tail(fourth)),
        _ => pointer.to_owned(),
    }
}

/// A name as people read it: `deal_owner` is *Deal owner*.
fn titled(name: &str) -> Text {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    Text::new(letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default())
}

fn with(object: &Value, key: &str, value: Value) -> Value {
    let kept = object.as_object().unwrap_or_default().iter().filter(|(known, _)| known != key).cloned();
    Value::object(kept.chain([(Text::new(key), value)]))
}

#[cfg(test)]
mod tests {
    use salesdash_providers::Types;
    use salesdash_value::json;

    use super::*;
    use crate::documents::declarations;

    fn parse(text: &str) -> Value {
        json::parse(text.as_bytes(), json::Limits::DEFAULT).expect("JSON")
    }

    fn settings(enrichments: &str) -> Value {
        parse(&format!(
            r#"{{"poll": {{"title": "Deals", "model": "deal", "list": {{"request": {{"path": "/deals"}}}}}}, "key": "id", "enrichments": {enrichments}}}"#
        ))
    }

    fn read(settings: &Value) -> Result<(Poll, Definition), Vec<Problem>> {
        let types = Types::embedded();
        let own = types.iter().find(|kind| kind.definition.custom_polls).expect("a type with polls of one's own");
        custom(&own.definition, settings.get("poll").expect("a poll"), settings)
    }

    #[test]
    fn enrichments_hang_on_the_record_and_on_each_other() {
        let settings = settings(
            r#"{"owner": {"id": "owner_id", "fetch": {"type": "by_id", "request": {"path": ["users", {"type": "var", "var": "id"}]}}},
                "team": {"on": "owner", "id": "team.id", "fetch": {"type": "table", "list": {"request": {"path": "/teams"}}, "key": "id"}}}"#,
        );
        let (_, definition) = read(&settings).expect("sound");
        assert_eq!(chain(&settings, "team").expect("a chain"), ["owner", "team"]);
        assert_eq!(definition.yields("owner").map(Text::as_str), Some("deal_owner"));
        let declared: Vec<_> = declarations(&definition, "deal").into_iter().map(|(name, _)| name).collect();
        assert_eq!(declared, ["deal", "deal_owner", "deal_team"]);
        let of_owner = definition.declaration("deal_owner").expect("a model");
        assert_eq!(of_owner.get("enrichments"), Some(&parse(r#"{"team": {"model": "deal_team", "may_be_empty": true}}"#)));
    }

    #[test]
    fn what_is_wrong_is_said_where_it_was_defined() {
        let problem = |enrichments: &str| {
            let problems = read(&settings(enrichments)).expect_err("a problem");
            (problems[0].pointer.clone(), problems[0].text.clone())
        };
        let of = |extra: &str, fetch: &str| format!(r#"{{"owner": {{{extra} "fetch": {fetch}}}}}"#);
        let sound = r#"{"type": "by_id", "request": {"path": "/users"}}"#;
        assert_eq!(problem(&of(r#""id": "a..b","#, sound)).0, "/enrichments/owner/id");
        assert_eq!(problem(&of("", sound)), ("/enrichments/owner".to_owned(), "`id` is missing".to_owned()));
        assert_eq!(
            problem(&of(r#""id": "a","#, r#"{"type": "by_id", "request": {"pat": "/x"}}"#)).0,
            "/enrichments/owner/fetch/request/pat"
        );
        assert_eq!(problem(&of(r#""id": "a", "on": "nobody","#, sound)).0, "/enrichments/owner/on");
        assert_eq!(problem(&of(r#""id": "a", "on": "owner","#, sound)).0, "/enrichments/owner/on");
        assert_eq!(problem(&of(r#""id": "a", "cache": 3,"#, sound)).0, "/enrichments/owner/cache");
        assert_eq!(problem("[]").0, "/enrichments");
    }
}
