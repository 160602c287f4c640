//! The document as a whole: format, source model, constants, enrichments, instructions.

use std::sync::Arc;

use salesdash_value::{Text, Value, number};

use super::{Annotations, Checked, Checker};
use crate::codes;
use crate::diagnostics::{Diagnostic, Fix, Patch, Severity, nearest};
use crate::plan::{ConstantDeclaration, Plan};
use crate::types::{ObjectType, Shape, Type};

/// The one format there is.
const FORMAT: &str = "1";

/// The types a constant can have, as the document writes them.
pub const CONSTANT_TYPES: &[&str] = &["string", "number", "boolean", "datetime", "array<string>", "mapping"];

/// The type of a constant by its name in the document.
#[must_use]
pub fn constant_type(name: &str) -> Option<Type> {
    Some(match name {
        "string" => Type::STRING,
        "number" => Type::NUMBER,
        "boolean" => Type::BOOLEAN,
        "datetime" => Type::DATETIME,
        "array<string>" | "list" | "list_of_strings" | "list of strings" | "string_list" => Type::array(Type::STRING),
        "mapping" => Type::new(Shape::Mapping),
        _ => return None,
    })
}

/// The value of a constant of this type, where it is one; else what it should be.
fn constant_value(value: &Value, ty: &Type) -> Result<Value, String> {
    let fits = match (&ty.shape, value) {
        (Shape::String, Value::Text(_)) | (Shape::Number, Value::Number(_)) | (Shape::Boolean, Value::Boolean(_)) => true,
        (Shape::Datetime, Value::Datetime(_)) => true,
        (Shape::Datetime, Value::Text(text)) => {
            return salesdash_value::datetime::parse_iso(text, &jiff::tz::TimeZone::UTC)
                .map(Value::Datetime)
                .ok_or_else(|| "an ISO 8601 datetime".to_owned());
        }
        (Shape::Array(_), Value::List(items)) => items.iter().all(|item| matches!(item, Value::Text(_))),
        (Shape::Mapping, Value::Object(fields)) => fields.iter().all(|(_, value)| matches!(value, Value::Text(_))),
        _ => false,
    };
    if fits {
        Ok(value.clone())
    } else {
        Err(match &ty.shape {
            Shape::Array(_) => "a list of strings".to_owned(),
            Shape::Mapping => "a mapping: an object whose values are all strings".to_owned(),
            _ => format!("a {ty}"),
        })
    }
}

/// What a value should be that is no value of a constant of this type, such as `a list of strings`. `None` where it is one, and where there
/// is no such type.
#[must_use]
pub fn constant_mismatch(type_name: &str, value: &Value) -> Option<String> {
    constant_value(value, &constant_type(type_name)?).err()
}

impl Plan {
    /// The values of the constants for a link, in the order that [`crate::evaluate::Context`] takes them.
    ///
    /// # Errors
    /// Every constant that has no value, or one of another type; every value that belongs to no constant.
    pub fn bind_constants(&self, values: &Value) -> Result<Vec<Value>, Vec<Diagnostic>> {
        let mut problems = Vec::new();
        let mut problem = |pointer: String, text: String| {
            problems.push(Diagnostic {
                code: &codes::WRONG_CONSTANT,
                severity: Severity::Error,
                pointer: Text::new(pointer),
                instruction: None,
                text,
                fixes: Vec::new(),
            });
        };
        let given: &[(Text, Value)] = match values {
            Value::Null => &[],
            Value::Object(given) => given,
            other => {
                problem(String::new(), format!("the constants must be an object of values by name, not {}", other.kind_name()));
                &[]
            }
        };
        for (name, _) in given {
            if !self.constants.iter().any(|constant| constant.name == *name) {
                let near = nearest(name, self.constants.iter().map(|constant| constant.name.as_str()));
                let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                problem(format!("/{}", crate::diagnostics::escape(name)), format!("the spec declares no constant `{name}`{hint}"));
            }
        }
        let mut bound = Vec::with_capacity(self.constants.len());
        for constant in &self.constants {
            let value = given.iter().find(|(name, _)| *name == constant.name).map(|(_, value)| value).or(constant.default.as_ref());
            match value.map(|value| constant_value(value, &constant.ty)) {
                Some(Ok(value)) => bound.push(value),
                Some(Err(wanted)) => {
                    let kind = value.map_or("nothing", Value::kind_name);
                    problem(format!("/{}", constant.name), format!("the constant `{}` must be {wanted}, not {kind}", constant.name));
                }
                None => problem(format!("/{}", constant.name), format!("the constant `{}` has no value and no default", constant.name)),
            }
        }
        if problems.is_empty() { Ok(bound) } else { Err(problems) }
    }
}

impl Checker<'_> {
    pub(super) fn document(mut self, document: &Value) -> Checked {
        let mut source_type = Text::default();
        let mut source_variable = Text::default();
        let mut source = Type::ANY.maybe_empty(false);
        let mut constants = Vec::new();
        let mut body = Vec::new();
        if let Some(fields) = document.as_object() {
            const KEYS: &[&str] = &["format", "source_model", "constants", "enrichments", "instructions"];
            self.unknown_keys(fields, "a spec", |key| KEYS.contains(&key), KEYS);
            self.format(document);
            (source_type, source_variable, source) = self.source_model(document);
            if let Some(declared) = document.get("enrichments") {
                source = self.enrichments(declared, source, &source_type, &source_variable);
            }
            self.scope.bind(source_variable.clone(), source.clone(), Text::new_static("source_model"));
            if let Some(declared) = document.get("constants") {
                constants = self.constants(declared);
            }
            match document.get("instructions") {
                Some(list) => (body, _) = self.at("instructions", |checker| checker.instructions(list)),
                None => self.missing("instructions", "the list of what to do", Some(Value::list([]))),
            }
        } else {
            let text = format!("a spec is an object, not {}", document.kind_name());
            self.error(&codes::WRONG_SHAPE, text);
        }
        let mut annotations = Annotations::default();
        if self.options.annotate {
            annotations.types = self.infos.iter().map(|info| (info.pointer.clone(), info.ty.clone())).collect();
            annotations.scopes = self.scopes;
        }
        let plan = Plan {
            nodes: self.nodes,
            infos: self.infos,
            instructions: self.instructions,
            body: body.into(),
            slots: self.scope.slots.max(1),
            constants,
            source_type,
            source_variable,
            source,
        };
        Checked { plan: Arc::new(plan), diagnostics: self.diagnostics, annotations }
    }

    /// Reports a key that is not there. With a value, the fix puts it there.
    pub(super) fn missing(&mut self, key: &str, what: &str, fill: Option<Value>) {
        let fixes = fill
            .map(|value| Fix {
                title: format!("Add `{key}`"),
                patch: vec![Patch::Add(format!("{}/{}", self.pointer, crate::diagnostics::escape(key)), value)],
            })
            .into_iter()
            .collect();
        self.report(&codes::MISSING_KEY, Severity::Error, format!("`{key}` is missing: {what}"), fixes);
    }

    fn format(&mut self, document: &Value) {
        match document.get("format") {
            Some(Value::Number(format)) if number::plain(*format) == FORMAT => {}
            Some(_) => self.at("format", |checker| {
                checker.error(&codes::UNKNOWN_FORMAT, format!("this version reads format {FORMAT}"));
            }),
            None => self.missing("format", "the number of the spec's format", Some(Value::from(1))),
        }
    }

    /// A text that must be there.
    fn text_key(&mut self, value: &Value, key: &str, what: &str) -> Option<Text> {
        match value.get(key) {
            Some(Value::Text(text)) => Some(text.clone()),
            Some(other) => {
                let text = format!("`{key}` must be a string, not {}", other.kind_name());
                self.at(key, |checker| checker.error(&codes::WRONG_SHAPE, text));
                None
            }
            None => {
                self.missing(key, what, None);
                None
            }
        }
    }

    fn source_model(&mut self, document: &Value) -> (Text, Text, Type) {
        let fallback = (Text::default(), Text::default(), Type::INVALID);
        let Some(declared) = document.get("source_model") else {
            self.missing("source_model", "the type of the record that the spec takes, and the variable that stands for it", None);
            return fallback;
        };
        self.at("source_model", |checker| {
            let Some(fields) = declared.as_object() else {
                checker.error(&codes::WRONG_SHAPE, format!("`source_model` must be an object, not {}", declared.kind_name()));
                return fallback;
            };
            checker.unknown_keys(fields, "`source_model`", |key| matches!(key, "type" | "var"), &["type", "var"]);
            let name = checker.text_key(declared, "type", "the type of the source model").unwrap_or_default();
            let model = checker.models.get(&name).cloned();
            let var = match (declared.get("var"), model.as_ref().and_then(|model| model.var.clone())) {
                (None, Some(var)) => var,
                _ => checker.text_key(declared, "var", "the variable that stands for the source model").unwrap_or_default(),
            };
            if !var.is_empty() {
                checker.at("var", |checker| checker.name(&var));
            }
            let ty = match model {
                Some(model) => model.ty.clone(),
                None => {
                    if !checker.models.is_empty() && !name.is_empty() {
                        let near = nearest(&name, checker.models.names()).map(ToOwned::to_owned);
                        let fixes = near
                            .iter()
                            .map(|near| Fix {
                                title: format!("Use `{near}`"),
                                patch: vec![Patch::Replace(format!("{}/type", checker.pointer), Value::text(near))],
                            })
                            .collect();
                        let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                        let text = format!("the source model `{name}` is not declared, so every field of it is `any`{hint}");
                        checker.at("type", |checker| checker.report(&codes::UNKNOWN_MODEL, Severity::Warning, text, fixes));
                    }
                    Type::ANY.maybe_empty(false)
                }
            };
            (name, var, ty)
        })
    }

    /// Hangs the enrichments on the source model, each as a field of its parent.
    fn enrichments(&mut self, declared: &Value, source: Type, source_type: &str, source_variable: &str) -> Type {
        // The source model and every enrichment: its name, its parent's place, its type and the model it is of.
        let mut parts: Vec<(Text, usize, Type, Option<Text>)> = vec![(Text::new(source_variable), 0, source, Some(Text::new(source_type)))];
        self.at("enrichments", |checker| {
            let Some(list) = declared.as_list() else {
                checker.error(&codes::WRONG_SHAPE, format!("`enrichments` must be a list, not {}", declared.kind_name()));
                return;
            };
            for (index, entry) in list.iter().enumerate() {
                checker.at_index(index, |checker| {
                    if let Some(part) = checker.enrichment(entry, &parts) {
                        parts.push(part);
                    }
                });
            }
        });
        // From the last to the first: a parent always stands before what hangs on it.
        while parts.len() > 1 {
            let Some((name, parent, ty, _)) = parts.pop() else { break };
            let parent = &mut parts[parent].2;
            let mut object = match &parent.shape {
                Shape::Object(object) => (**object).clone(),
                _ => ObjectType { fields: Vec::new(), open: true },
            };
            object.fields.push((name, ty));
            parent.shape = Shape::Object(Arc::new(object));
        }
        parts.swap_remove(0).2
    }

    #[allow(clippy::type_complexity)]
    fn enrichment(&mut self, entry: &Value, parts: &[(Text, usize, Type, Option<Text>)]) -> Option<(Text, usize, Type, Option<Text>)> {
        let Some(fields) = entry.as_object() else {
            self.error(&codes::WRONG_SHAPE, format!("an enrichment is an object, not {}", entry.kind_name()));
            return None;
        };
        self.unknown_keys(fields, "an enrichment", |key| matches!(key, "type" | "on" | "as"), &["type", "on", "as"]);
        let name = self.text_key(entry, "type", "the type of the enrichment");
        let on = self.text_key(entry, "on", "the variable or the enrichment that it hangs on");
        let field = self.text_key(entry, "as", "the field under which it appears");
        let (name, on, field) = (name?, on?, field?);
        self.at("as", |checker| checker.name(&field));
        // `contact` or, as a path, `opportunity.contact`.
        let last = on.rsplit('.').next().unwrap_or(&on);
        let Some(parent) = parts.iter().position(|(known, ..)| *known == last) else {
            let near = nearest(&on, parts.iter().map(|(known, ..)| known.as_str())).map(ToOwned::to_owned);
            let fixes = near
                .iter()
                .map(|near| Fix {
                    title: format!("Hang it on `{near}`"),
                    patch: vec![Patch::Replace(format!("{}/on", self.pointer), Value::text(near))],
                })
                .collect();
            let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            let text = format!("`{on}` is neither the source model nor an enrichment that stands before this one{hint}");
            self.at("on", |checker| checker.report(&codes::UNKNOWN_VARIABLE, Severity::Error, text, fixes));
            return None;
        };
        let taken = parts.iter().any(|(known, ..)| *known == field)
            || matches!(&parts[parent].2.shape, Shape::Object(object) if object.field(&field).is_some());
        if taken {
            let text = format!("`{}` has a field `{field}` already", parts[parent].0);
            self.at("as", |checker| checker.error(&codes::NAME_TAKEN, text));
            return None;
        }
        let owner = parts[parent].3.as_ref().and_then(|model| self.models.get(model)).cloned();
        let mut may_be_missing = false;
        let model = match owner.as_ref().and_then(|owner| owner.enrichments.as_ref()) {
            Some(offered) => {
                let found = offered.iter().find(|(key, _)| *key == name).or_else(|| offered.iter().find(|(_, model)| *model == name));
                match found {
                    Some((name, model)) => {
                        may_be_missing = owner.as_ref().is_some_and(|owner| owner.may_be_missing.contains(name));
                        Some(model.clone())
                    }
                    None => {
                        let names: Vec<&str> = offered.iter().map(|(key, _)| key.as_str()).collect();
                        let near = nearest(&name, names.iter().copied());
                        let fixes = near
                            .iter()
                            .map(|near| Fix {
                                title: format!("Use `{near}`"),
                                patch: vec![Patch::Replace(format!("{}/type", self.pointer), Value::text(near))],
                            })
                            .collect();
                        let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                        let severity = if self.models.get(&name).is_some() { Severity::Warning } else { Severity::Error };
                        let text = format!("`{}` offers no enrichment `{name}`{hint}", parts[parent].0);
                        self.at("type", |checker| checker.report(&codes::UNKNOWN_ENRICHMENT, severity, text, fixes));
                        Some(name.clone())
                    }
                }
            }
            None => Some(name.clone()),
        };
        let ty =
            model.as_ref().and_then(|model| self.models.get(model)).map_or_else(|| Type::ANY.maybe_empty(false), |model| model.ty.clone());
        let may_be_empty = ty.may_be_empty || may_be_missing;
        Some((field, parent, ty.maybe_empty(may_be_empty), model))
    }

    fn constants(&mut self, declared: &Value) -> Vec<ConstantDeclaration> {
        let mut constants = Vec::new();
        self.at("constants", |checker| {
            let Some(list) = declared.as_list() else {
                checker.error(&codes::WRONG_SHAPE, format!("`constants` must be a list, not {}", declared.kind_name()));
                return;
            };
            for (index, entry) in list.iter().enumerate() {
                checker.at_index(index, |checker| constants.extend(checker.constant(entry)));
            }
        });
        constants
    }

    fn constant(&mut self, entry: &Value) -> Option<ConstantDeclaration> {
        const KEYS: &[&str] = &["name", "type", "default", "description"];
        let Some(fields) = entry.as_object() else {
            self.error(&codes::WRONG_SHAPE, format!("a constant is an object, not {}", entry.kind_name()));
            return None;
        };
        self.unknown_keys(fields, "a constant", |key| KEYS.contains(&key), KEYS);
        let name = self.text_key(entry, "name", "the name of the constant")?;
        self.at("name", |checker| checker.name(&name));
        let ty = match self.text_key(entry, "type", "the type of the constant") {
            Some(written) => constant_type(&written).unwrap_or_else(|| {
                let near = nearest(&written, CONSTANT_TYPES.iter().copied());
                let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                let fixes = near
                    .iter()
                    .map(|near| Fix {
                        title: format!("Use `{near}`"),
                        patch: vec![Patch::Replace(format!("{}/type", self.pointer), Value::text(near))],
                    })
                    .collect();
                let text = format!("a constant is of type {}{hint}", CONSTANT_TYPES.join(", "));
                self.at("type", |checker| checker.report(&codes::WRONG_LITERAL, Severity::Error, text, fixes));
                Type::INVALID
            }),
            None => Type::INVALID,
        };
        let mut default = None;
        if let Some(value) = entry.get("default")
            && !value.is_null()
            && ty.shape != Shape::Invalid
        {
            match constant_value(value, &ty) {
                Ok(value) => default = Some(value),
                Err(wanted) => {
                    let text = format!("the default of `{name}` must be {wanted}, not {}", value.kind_name());
                    self.at("default", |checker| checker.error(&codes::WRONG_CONSTANT, text));
                }
            }
        }
        let description = match entry.get("description") {
            Some(Value::Text(text)) => Some(text.clone()),
            None | Some(Value::Null) => None,
            Some(_) => {
                self.at("description", |checker| checker.error(&codes::WRONG_SHAPE, "`description` must be a string"));
                None
            }
        };
        if let Some(taken) = self.scope.find(&name) {
            let text = format!("`{name}` is the name of {} already", super::instruction::origin_name(&taken.origin));
            self.at("name", |checker| checker.error(&codes::NAME_TAKEN, text));
            return None;
        }
        let slot = self.scope.bind(name.clone(), ty.clone(), Text::new_static("constant"));
        Some(ConstantDeclaration { name, ty, default, description, slot })
    }
}
