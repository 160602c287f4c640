//! What records look like.

use salesdash_language::diagnostics::Diagnostic;
use salesdash_language::model::{Model as Declared, Models};
use salesdash_language::types::{Shape, Type};
use salesdash_value::{Text, Value};

use super::enrichment::{Enrichment, Missing};
use super::macros::object;
use super::read::{Json, Name, Named};
use super::time::WrittenTime;
use super::value::{OfRecord, Picked};
use crate::path::Path;

object! {
    /// What records of one type look like.
    Model as "model" {
        /// The name that people see, such as *Deal*.
        title: Text,
        /// What it is, in a sentence.
        summary: Option<Text>,
        /// The field that tells one record from another. What enrichments alone yield needs none.
        key: Option<Path>,
        /// The field by which a later state is told from an earlier one.
        version: Option<Path>,
        /// How that is written, where it is a time that is not ISO 8601.
        version_reads: Option<WrittenTime>,
        /// The variable that stands for it in a spec where people choose no other.
        var: Option<Name>,
        /// Its fields, each declared as in a models file: the name of a type, or `{"type", "may_be_empty", "personal", "items", "fields", "open",
        /// "description"}`. A datetime must be ISO 8601 in the record; otherwise it is a string or a number, and specs parse it.
        fields: Json,
        /// Whether records can have further fields.
        open: bool,
        /// What can be fetched to go with it.
        enrichments: Named<Reference>,
    }
}

object! {
    /// An enrichment that can hang on a model, by the name that specs use.
    Reference as "reference" {
        /// The enrichment.
        fetch: Name,
        /// The id to fetch: a text, a number, or an object such as `{"type", "id"}`. Null means that there is none: the field is null. Not for
        /// `named_fields`, which need none.
        id: Option<Picked<OfRecord>>,
    }
}

impl Model {
    /// The declaration, as the processor language reads it. `enrichment` gives the enrichment of a name.
    #[must_use]
    pub fn declaration<'d>(&self, enrichment: impl Fn(&str) -> Option<&'d Enrichment>) -> Value {
        let mut fields: Vec<(&str, Value)> = vec![("name", self.title.clone().into())];
        if let Some(key) = &self.key {
            fields.push(("key", Value::text(key.to_string())));
        }
        if let Some(version) = &self.version {
            fields.push(("version", Value::text(version.to_string())));
        }
        if let Some(var) = &self.var {
            fields.push(("var", var.0.clone().into()));
        }
        fields.push(("open", self.open.into()));
        fields.push(("fields", self.fields.0.clone()));
        if !self.enrichments.is_empty() {
            let ty = Models::read_one("", &Value::object(fields.clone())).0.ty;
            let enrichments = self.enrichments.iter().map(|(name, reference)| {
                let enrichment = enrichment(&reference.fetch.0);
                let model = enrichment.map_or_else(|| reference.fetch.0.clone(), |enrichment| enrichment.model().clone());
                let may_be_empty = enrichment.is_none_or(|enrichment| reference.may_be_missing(&ty, enrichment));
                (name.as_str(), Value::object([("model", Value::Text(model)), ("may_be_empty", may_be_empty.into())]))
            });
            fields.push(("enrichments", Value::object(enrichments)));
        }
        Value::object(fields)
    }

    /// The model, as the processor language has it, with what is wrong with its fields.
    #[must_use]
    pub fn declared<'d>(&self, name: &str, enrichment: impl Fn(&str) -> Option<&'d Enrichment>) -> (Declared, Vec<Diagnostic>) {
        Models::read_one(name, &self.declaration(enrichment))
    }
}

impl Reference {
    /// Whether a spec can find nothing there: where the record holds no id, or where a missing one is no failure.
    fn may_be_missing(&self, record: &Type, enrichment: &Enrichment) -> bool {
        let missing = match enrichment {
            Enrichment::ById(by_id) => by_id.missing,
            Enrichment::Table(table) => table.missing,
            Enrichment::NamedFields(_) => return false,
        };
        let has_id = match &self.id {
            Some(Picked::Path(path)) => is_always_there(record, &path.to_string()),
            // What an expression gives is not known before it runs.
            _ => false,
        };
        !has_id || matches!(missing, None | Some(Missing::Null))
    }
}

/// Whether something always stands at a path of a record of this type.
fn is_always_there(record: &Type, path: &str) -> bool {
    let mut ty = record;
    for step in path.split('.') {
        match &ty.shape {
            Shape::Object(object) => match object.field(step) {
                Some(field) if !field.may_be_empty => ty = field,
                _ => return false,
            },
            _ => return false,
        }
    }
    !matches!(ty.shape, Shape::Any)
}
