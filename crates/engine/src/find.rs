//! Finding executions by what stands in their records. Payloads are encrypted, so no index can help: executions that the other conditions
//! select are gone through from the newest on, so many at a time, and the answer says how far that went.

use std::collections::HashMap;

use salesdash_language::mask::mask;
use salesdash_language::model::Models;
use salesdash_language::types::{Shape, Type};
use salesdash_store::executions::{Execution, Filter};
use salesdash_store::{Paging, Scope};
use salesdash_value::{Text, Value, number};

use crate::catalog::TenantConfig;
use crate::record::load;
use crate::{Engine, EngineError, Result};

/// Executions that are looked at for one page.
pub const MOST_EXAMINED: usize = 2000;
/// Executions that are read at once.
const BATCH: usize = 200;

/// What is looked for in records.
#[derive(Clone, Debug)]
pub struct Needle {
    steps: Option<Vec<Text>>,
    path: String,
    parts: Vec<String>,
    number: Option<salesdash_value::Decimal>,
}

impl Needle {
    /// A value in a field, or in any field where none is named. Texts are compared without regard to case, and numbers by value; `*` stands
    /// for any text.
    #[must_use]
    pub fn new(field: Option<&str>, value: &str) -> Self {
        let path = field.map(str::trim).unwrap_or_default().to_owned();
        let steps = (!path.is_empty()).then(|| path.split('.').map(Text::new).collect());
        let value = value.trim();
        Self { steps, path, parts: value.to_lowercase().split('*').map(str::to_owned).collect(), number: number::parse(value) }
    }

    /// Whether a record holds it.
    #[must_use]
    pub fn is_in(&self, record: &Value) -> bool {
        self.steps.as_ref().map_or_else(|| self.anywhere(record), |steps| self.at(record, steps))
    }

    fn at(&self, value: &Value, steps: &[Text]) -> bool {
        match (value, steps) {
            (Value::List(items), _) => items.iter().any(|item| self.at(item, steps)),
            (value, []) => self.is(value),
            (Value::Object(_), [step, rest @ ..]) => value.get(step).is_some_and(|value| self.at(value, rest)),
            _ => false,
        }
    }

    fn anywhere(&self, value: &Value) -> bool {
        match value {
            Value::List(items) => items.iter().any(|item| self.anywhere(item)),
            Value::Object(fields) => fields.iter().any(|(_, value)| self.anywhere(value)),
            value => self.is(value),
        }
    }

    fn is(&self, value: &Value) -> bool {
        match value {
            Value::Text(text) => self.fits(&text.to_lowercase()),
            Value::Number(value) => self.number == Some(*value) || self.fits(&number::plain(*value)),
            Value::Boolean(value) => self.fits(if *value { "true" } else { "false" }),
            Value::Null => self.fits("null"),
            _ => false,
        }
    }

    /// Whether a text is the one that is looked for: its parts one after the other, with anything between them.
    fn fits(&self, text: &str) -> bool {
        let [first, middle @ .., last] = self.parts.as_slice() else { return self.parts.first().is_some_and(|only| only == text) };
        let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
        for part in middle {
            let Some(place) = rest.find(part.as_str()) else { return false };
            rest = &rest[place + part.len()..];
        }
        rest.ends_with(last.as_str())
    }
}

/// A page of what was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The executions, from the newest on.
    pub items: Vec<Execution>,
    /// Where to go on: below this id. `None` where everything has been looked at.
    pub next: Option<i64>,
    /// How many were looked at for this page.
    pub examined: usize,
    /// The oldest that was looked at.
    pub oldest: Option<i64>,
}

impl Engine {
    /// Executions whose record holds something. What is personal counts only where it is revealed.
    ///
    /// # Errors
    /// Where the field is declared personal and is not revealed; where the database fails.
    pub fn find_executions(&self, tenant: i64, filter: &Filter, paging: Paging, needle: &Needle, reveal: bool) -> Result<Found> {
        let config = self.catalog.tenant(&self.store, tenant)?;
        if !reveal && let Some(model) = personal_in(&config, filter, needle) {
            let text = format!("`{}` of `{model}` holds personal data: looking for it has to be revealed, with a reason", needle.path);
            return Err(EngineError::Personal(text));
        }
        self.store.read(tenant, |scope| Ok(find(&config, scope, filter, paging, needle, reveal)))?
    }
}

fn type_of(config: &TenantConfig, model: &str) -> Type {
    config.models.get(model).map_or(Type::ANY, |declaration| Models::read_one("", declaration).0.ty)
}

/// The first model that a filter can reach which declares the field that is looked at as personal.
fn personal_in(config: &TenantConfig, filter: &Filter, needle: &Needle) -> Option<String> {
    let steps = needle.steps.as_ref()?;
    let of = |link: &i64| config.links.get(link).map(|link| link.row.source);
    let reached = |source: i64| filter.links.as_ref().is_none_or(|links| links.iter().any(|link| of(link) == Some(source)));
    let sources = config.sources.values().filter(|source| reached(source.row.id));
    sources.map(|source| &source.row.model).find(|model| is_personal(&type_of(config, model), steps)).cloned()
}

fn is_personal(ty: &Type, steps: &[Text]) -> bool {
    if !ty.personal.is_none() {
        return true;
    }
    match (&ty.shape, steps) {
        (Shape::Array(item), _) => is_personal(item, steps),
        (Shape::Object(object), [step, rest @ ..]) => object.field(step).is_some_and(|ty| is_personal(ty, rest)),
        _ => false,
    }
}

fn find(config: &TenantConfig, scope: &mut Scope<'_>, filter: &Filter, paging: Paging, needle: &Needle, reveal: bool) -> Result<Found> {
    let mut found = Found { items: Vec::new(), next: None, examined: 0, oldest: None };
    let mut before = paging.before;
    // Several links have executions of one record beside each other.
    let mut last: Option<(i64, bool)> = None;
    let mut types: HashMap<i64, Type> = HashMap::new();
    loop {
        let page = scope.executions(filter, Paging { before, limit: BATCH })?;
        let more = page.next.is_some();
        for execution in page.items {
            before = execution.id;
            found.examined += 1;
            found.oldest = Some(execution.id);
            let holds = match last {
                Some((model, holds)) if model == execution.source_model => holds,
                _ => holds(config, scope, &mut types, execution.source_model, needle, reveal)?,
            };
            last = Some((execution.source_model, holds));
            if holds {
                found.items.push(execution);
            }
            if found.items.len() >= paging.limit || found.examined >= MOST_EXAMINED {
                found.next = Some(before);
                return Ok(found);
            }
        }
        if !more {
            return Ok(found);
        }
    }
}

fn holds(
    config: &TenantConfig,
    scope: &mut Scope<'_>,
    types: &mut HashMap<i64, Type>,
    source_model: i64,
    needle: &Needle,
    reveal: bool,
) -> Result<bool> {
    let record = match load(scope, source_model) {
        Ok(record) => record,
        // Retention has removed it: there is nothing to look in.
        Err(EngineError::PayloadGone) => return Ok(false),
        Err(error) => return Err(error),
    };
    if !needle.is_in(&record) {
        return Ok(false);
    }
    if reveal {
        return Ok(true);
    }
    // What fits may be what is hidden.
    let source = scope.source_model(source_model)?.source;
    let of_source = || config.sources.get(&source).map_or(Type::ANY, |source| type_of(config, &source.row.model));
    let ty = types.entry(source).or_insert_with(of_source);
    Ok(needle.is_in(&mask(&record, ty)))
}

#[cfg(test)]
mod tests {
    use super::Needle;
    use salesdash_value::json;

    #[test]
    fn a_value_is_found_where_it_stands() {
        let record =
            json::parse(br#"{"a":{"status":"Won","n":1250.50,"on":true},"items":[{"sku":"P1"},{"sku":"P2"}]}"#, json::Limits::DEFAULT)
                .unwrap();
        let is = |field: &str, value: &str| Needle::new(Some(field), value).is_in(&record);
        assert!(is("a.status", "won") && is("a.status", "w*") && is("a.status", "*o*") && is("a.n", "1250.5") && is("items.sku", "p2"));
        assert!(is("a.on", "true") && !is("a.on", "false") && !is("a.status", "wo") && !is("a.status", "won*n") && !is("a", "won"));
        assert!(Needle::new(None, "P2").is_in(&record) && !Needle::new(None, "P3").is_in(&record));
    }
}
