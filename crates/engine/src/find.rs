//! Finding executions by what stands in their records, as their specs saw them: with the enrichments in their places. Payloads are encrypted,
//! so no index can help: executions that the other conditions select are gone through from the newest on, so many at a time, and the answer
//! says how far that went.

use std::collections::HashMap;
use std::sync::Arc;

use salesdash_language::mask::mask;
use salesdash_language::model::Models;
use salesdash_language::types::{Shape, Type};
use salesdash_store::executions::{Execution, Filter};
use salesdash_store::{Paging, Scope};
use salesdash_value::{Text, Value, number};

use crate::catalog::TenantConfig;
use crate::program::Program;
use crate::record::{Known, load};
use crate::replay::Reruns;
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
    /// for any text. A field of the items of a list is `lines[].price` or `lines.price`.
    #[must_use]
    pub fn new(field: Option<&str>, value: &str) -> Self {
        let path = field.map(str::trim).unwrap_or_default().to_owned();
        let steps = (!path.is_empty()).then(|| path.split('.').map(|step| Text::new(step.trim_end_matches("[]"))).collect());
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
        let search = Search { engine: self, config: &config, needle, reveal };
        self.store.read(tenant, |scope| Ok(search.page(scope, filter, paging)))?
    }
}

fn type_of(config: &TenantConfig, model: &str) -> Type {
    config.models.get(model).map_or(Type::ANY, |declaration| Models::read_one("", declaration).0.ty)
}

/// The first model that a filter can reach which declares the field that is looked at as personal: by itself, or by the enrichments that a
/// spec hangs on it.
fn personal_in(config: &TenantConfig, filter: &Filter, needle: &Needle) -> Option<String> {
    let steps = needle.steps.as_ref()?;
    let of = |link: &i64| config.links.get(link).map(|link| link.row.source);
    let reached = |source: i64| filter.links.as_ref().is_none_or(|links| links.iter().any(|link| of(link) == Some(source)));
    let meant = |link: i64| filter.links.as_ref().is_none_or(|links| links.contains(&link));
    let hung = |source: i64| {
        let mut links = config.links.values().filter(|link| link.row.source == source && meant(link.row.id));
        links.any(|link| link.program.as_ref().is_ok_and(|program| is_personal(program.plan.source(), steps)))
    };
    let mut sources = config.sources.values().filter(|source| reached(source.row.id));
    let found = sources.find(|source| is_personal(&type_of(config, &source.row.model), steps) || hung(source.row.id));
    found.map(|source| source.row.model.clone())
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

/// What is looked for, and in what.
struct Search<'a> {
    engine: &'a Engine,
    config: &'a TenantConfig,
    needle: &'a Needle,
    reveal: bool,
}

/// The record that is looked at: several links have executions of one record beside each other.
struct Looked {
    source_model: i64,
    record: Value,
    enriched: bool,
    /// Whether the record alone holds it.
    holds: bool,
}

/// What is read once for a page.
#[derive(Default)]
struct Reads {
    last: Option<Looked>,
    types: HashMap<i64, Type>,
    reruns: Reruns,
}

impl Search<'_> {
    fn page(&self, scope: &mut Scope<'_>, filter: &Filter, paging: Paging) -> Result<Found> {
        let mut found = Found { items: Vec::new(), next: None, examined: 0, oldest: None };
        let mut before = paging.before;
        let mut reads = Reads::default();
        loop {
            let page = scope.executions(filter, Paging { before, limit: BATCH })?;
            let more = page.next.is_some();
            for execution in page.items {
                before = execution.id;
                found.examined += 1;
                found.oldest = Some(execution.id);
                if self.holds(scope, &mut reads, &execution)? {
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

    /// Whether the record of an execution holds it, with what was fetched for it.
    fn holds(&self, scope: &mut Scope<'_>, reads: &mut Reads, execution: &Execution) -> Result<bool> {
        let source_model = execution.source_model;
        if reads.last.as_ref().is_none_or(|last| last.source_model != source_model) {
            reads.last = match self.look(scope, &mut reads.types, source_model) {
                Ok(looked) => Some(looked),
                // Retention has removed it, or it was erased: there is nothing to look in.
                Err(EngineError::PayloadGone | EngineError::Erased(_)) => return Ok(false),
                Err(error) => return Err(error),
            };
        }
        let Reads { last: Some(looked), reruns, .. } = reads else { return Ok(false) };
        if looked.holds || !looked.enriched {
            return Ok(looked.holds);
        }
        let Some((program, at)) = self.program(scope, reruns, execution) else { return Ok(false) };
        match Known::read(scope, source_model, at, &program.wants) {
            Ok(known) => {
                let seen = known.hang(&looked.record, &program.wants);
                Ok(self.needle.is_in(&seen) && self.needle.is_in(&self.engine.masked(self.config, &program, &seen, self.reveal)))
            }
            Err(EngineError::PayloadGone) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn look(&self, scope: &mut Scope<'_>, types: &mut HashMap<i64, Type>, source_model: i64) -> Result<Looked> {
        let record = load(scope, source_model)?;
        let source = scope.source_model(source_model)?.source;
        let of_source = || self.config.sources.get(&source).map_or(Type::ANY, |source| type_of(self.config, &source.row.model));
        let ty = types.entry(source).or_insert_with(of_source).clone();
        let enriched = !scope.enrichments(source_model, i64::MAX)?.is_empty();
        let holds = self.is_in(&record, &ty);
        Ok(Looked { source_model, record, enriched, holds })
    }

    /// The program that says where enrichments hang, and the time up to which they count: of what it ran with; of what it would run with
    /// where it never ran. `None` where neither is known.
    fn program(&self, scope: &mut Scope<'_>, reruns: &mut Reruns, execution: &Execution) -> Option<(Arc<Program>, i64)> {
        if let Ok(ran) = reruns.program(self.engine, scope, execution) {
            return Some((ran, execution.at));
        }
        let link = self.config.links.get(&execution.link)?;
        link.program.as_ref().ok().map(|program| (Arc::clone(program), i64::MAX))
    }

    /// Whether a record holds it where it may be seen: what fits may be what is hidden.
    fn is_in(&self, record: &Value, ty: &Type) -> bool {
        self.needle.is_in(record) && (self.reveal || self.needle.is_in(&mask(record, ty)))
    }
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
        assert!(
            is("a.status", "won")
                && is("a.status", "w*")
                && is("a.status", "*o*")
                && is("a.n", "1250.5")
                && is("items.sku", "p2")
                && is("items[].sku", "p1")
        );
        assert!(is("a.on", "true") && !is("a.on", "false") && !is("a.status", "wo") && !is("a.status", "won*n") && !is("a", "won"));
        assert!(Needle::new(None, "P2").is_in(&record) && !Needle::new(None, "P3").is_in(&record));
    }
}
