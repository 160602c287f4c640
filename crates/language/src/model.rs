//! Declared source models: what the checker knows of the data.

use std::collections::HashMap;
use std::sync::Arc;

use salesdash_value::{Text, Value, datetime};

use crate::codes;
use crate::diagnostics::{Diagnostic, Severity, escape, nearest};
use crate::types::{ObjectType, Personal, Shape, Type};

/// The declared source models, by type.
#[derive(Clone, Debug, Default)]
pub struct Models {
    models: HashMap<Text, Arc<Model>>,
}

/// One declared source model.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Its type, such as `ghl_opportunity`.
    pub name: Text,
    /// The path of the field that tells one record from another.
    pub key: Option<Text>,
    /// The path of the field by which a later state is told from an earlier one.
    pub version: Option<Text>,
    /// The variable that stands for it where a spec gives none.
    pub var: Option<Text>,
    /// Its fields.
    pub ty: Type,
    /// The enrichments that can hang on it: name to the model it yields. `None` where the declaration does not say.
    pub enrichments: Option<Vec<(Text, Text)>>,
    /// Those of the enrichments that can be missing, by name.
    pub may_be_missing: Vec<Text>,
}

impl Models {
    /// Reads a models document: `{"models": {"<type>": {…}}}`. Everything that can be read is; the rest is reported.
    #[must_use]
    pub fn read(document: &Value) -> (Self, Vec<Diagnostic>) {
        let mut reader = Reader::default();
        let mut models = Self::default();
        reader.keys(document, "", &["models"]);
        match document.get("models").map(Value::as_object) {
            Some(Some(declared)) => {
                for (name, model) in declared {
                    let pointer = format!("/models/{}", escape(name));
                    models.insert(reader.model(name, model, &pointer));
                }
            }
            Some(None) => reader.wrong("/models", "`models` must be an object of source models by type".to_owned()),
            None => reader.wrong("", "the document must have the key `models`".to_owned()),
        }
        (models, reader.diagnostics)
    }

    /// Reads the declaration of one model, as it stands under its type in a models document.
    #[must_use]
    pub fn read_one(name: &str, declaration: &Value) -> (Model, Vec<Diagnostic>) {
        let mut reader = Reader::default();
        let model = reader.model(name, declaration, "");
        (model, reader.diagnostics)
    }

    /// Adds a model, or replaces the one of its type.
    pub fn insert(&mut self, model: Model) {
        self.models.insert(model.name.clone(), Arc::new(model));
    }

    /// The model of a type.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<Model>> {
        self.models.get(name)
    }

    /// The declared types, in no order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.models.keys().map(Text::as_str)
    }

    /// Whether none is declared.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.models.is_empty()
    }
}

#[derive(Default)]
struct Reader {
    diagnostics: Vec<Diagnostic>,
}

/// The names of types in a declaration.
const TYPES: &[&str] = &["string", "number", "boolean", "datetime", "object", "array", "mapping", "any"];

impl Reader {
    fn wrong(&mut self, pointer: &str, text: String) {
        self.diagnostics.push(Diagnostic {
            code: &codes::WRONG_MODEL,
            severity: Severity::Error,
            pointer: Text::new(pointer),
            instruction: None,
            text,
            fixes: Vec::new(),
        });
    }

    fn keys(&mut self, value: &Value, pointer: &str, known: &[&str]) {
        let Some(fields) = value.as_object() else {
            return self.wrong(pointer, format!("this must be an object, not {}", value.kind_name()));
        };
        for (key, _) in fields {
            if !known.contains(&key.as_str()) {
                let hint = nearest(key, known.iter().copied()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                self.wrong(&format!("{pointer}/{}", escape(key)), format!("`{key}` is not a key of a declaration{hint}"));
            }
        }
    }

    fn text(&mut self, value: &Value, key: &str, pointer: &str) -> Option<Text> {
        match value.get(key) {
            None | Some(Value::Null) => None,
            Some(Value::Text(text)) => Some(text.clone()),
            Some(other) => {
                self.wrong(&format!("{pointer}/{key}"), format!("`{key}` must be a string, not {}", other.kind_name()));
                None
            }
        }
    }

    fn boolean(&mut self, value: &Value, key: &str, pointer: &str) -> Option<bool> {
        match value.get(key) {
            None => None,
            Some(Value::Boolean(value)) => Some(*value),
            Some(_) => {
                self.wrong(&format!("{pointer}/{key}"), format!("`{key}` must be true or false"));
                None
            }
        }
    }

    fn model(&mut self, name: &str, value: &Value, pointer: &str) -> Model {
        self.keys(value, pointer, &["key", "version", "var", "fields", "enrichments", "open", "name"]);
        let ty = match value.get("fields") {
            Some(fields) => self.fields(fields, value, pointer),
            None => Type { may_be_empty: false, ..Type::ANY },
        };
        let mut may_be_missing = Vec::new();
        let enrichments = value.get("enrichments").map(|declared| {
            let mut enrichments = Vec::new();
            match declared.as_object() {
                Some(declared) => {
                    for (name, entry) in declared {
                        let pointer = format!("{pointer}/enrichments/{}", escape(name));
                        let model = match entry {
                            Value::Text(model) => Some(model.clone()),
                            _ => {
                                self.keys(entry, &pointer, &["model", "may_be_empty"]);
                                if self.boolean(entry, "may_be_empty", &pointer) == Some(true) {
                                    may_be_missing.push(name.clone());
                                }
                                self.text(entry, "model", &pointer)
                            }
                        };
                        enrichments.push((name.clone(), model.unwrap_or_else(|| name.clone())));
                    }
                }
                None => self.wrong(&format!("{pointer}/enrichments"), "`enrichments` must be an object".to_owned()),
            }
            enrichments
        });
        Model {
            name: Text::new(name),
            key: self.text(value, "key", pointer),
            version: self.text(value, "version", pointer),
            var: self.text(value, "var", pointer),
            ty,
            enrichments,
            may_be_missing,
        }
    }

    fn fields(&mut self, fields: &Value, owner: &Value, pointer: &str) -> Type {
        let mut object = ObjectType { open: owner.get("open").and_then(Value::as_boolean).unwrap_or(false), ..ObjectType::default() };
        match fields.as_object() {
            Some(declared) => {
                for (name, field) in declared {
                    let ty = self.field(field, &format!("{pointer}/fields/{}", escape(name)));
                    object.fields.push((name.clone(), ty));
                }
            }
            None => self.wrong(&format!("{pointer}/fields"), format!("`fields` must be an object, not {}", fields.kind_name())),
        }
        Type::new(Shape::Object(Arc::new(object)))
    }

    fn field(&mut self, value: &Value, pointer: &str) -> Type {
        let name = match value {
            Value::Text(name) => name.clone(),
            Value::Object(_) => {
                self.keys(value, pointer, &["type", "personal", "may_be_empty", "items", "fields", "open", "description"]);
                match self.text(value, "type", pointer) {
                    Some(name) => name,
                    None if value.get("fields").is_some() => Text::new("object"),
                    None if value.get("items").is_some() => Text::new("array"),
                    None => Text::new("any"),
                }
            }
            other => {
                self.wrong(pointer, format!("a field is declared by the name of a type or an object, not by {}", other.kind_name()));
                return Type::ANY;
            }
        };
        let mut ty = match name.as_str() {
            "string" => Type::STRING,
            "number" => Type::NUMBER,
            "boolean" => Type::BOOLEAN,
            "datetime" => Type::DATETIME,
            "mapping" => Type::new(Shape::Mapping),
            "any" => Type::ANY,
            "object" => match value.get("fields") {
                Some(fields) => self.fields(fields, value, pointer),
                None => Type::new(Shape::Object(Arc::new(ObjectType { fields: Vec::new(), open: true }))),
            },
            "array" | "list" => Type::array(value.get("items").map_or(Type::ANY, |items| self.field(items, &format!("{pointer}/items")))),
            other => match other.strip_prefix("array<").and_then(|item| item.strip_suffix('>')) {
                Some(item) => Type::array(self.field(&Value::text(item), pointer)),
                None => {
                    let hint = nearest(other, TYPES.iter().copied()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                    self.wrong(pointer, format!("`{other}` is not a type{hint}"));
                    Type::ANY
                }
            },
        };
        if let Some(may_be_empty) = self.boolean(value, "may_be_empty", pointer) {
            ty.may_be_empty = may_be_empty;
        }
        match value.get("personal") {
            None | Some(Value::Null | Value::Boolean(false)) => {}
            Some(Value::Boolean(true)) => ty.personal = Personal::FREE_TEXT,
            Some(Value::Text(category)) => match Personal::from_name(category) {
                Some(personal) => ty.personal = personal,
                None => {
                    let known: Vec<_> = Personal::CATEGORIES.iter().map(|(_, name)| *name).collect();
                    let hint = nearest(category, known.iter().copied()).map(|near| format!("; did you mean `{near}`?"));
                    let text =
                        format!("`{category}` is not a category of personal data ({}){}", known.join(", "), hint.unwrap_or_default());
                    self.wrong(&format!("{pointer}/personal"), text);
                    // Better too careful than not careful enough.
                    ty.personal = Personal::FREE_TEXT;
                }
            },
            Some(_) => self.wrong(&format!("{pointer}/personal"), "`personal` must be a category".to_owned()),
        }
        ty
    }
}

/// Makes instants of the texts in fields that are declared as datetimes: JSON has no datetimes of its own. A text that does not read
/// as one stays as it is, and is of the wrong type where it is used.
#[must_use]
pub fn conform(record: Value, ty: &Type, zone: &jiff::tz::TimeZone) -> Value {
    if has_datetimes(ty) { convert(record, ty, zone) } else { record }
}

/// Whether a value of this type can hold a declared datetime.
fn has_datetimes(ty: &Type) -> bool {
    match &ty.shape {
        Shape::Datetime => true,
        Shape::Object(object) => object.fields.iter().any(|(_, ty)| has_datetimes(ty)),
        Shape::Array(item) => has_datetimes(item),
        _ => false,
    }
}

fn convert(value: Value, ty: &Type, zone: &jiff::tz::TimeZone) -> Value {
    match (&ty.shape, value) {
        (Shape::Datetime, Value::Text(text)) => datetime::parse_iso(&text, zone).map_or(Value::Text(text), Value::Datetime),
        (Shape::Object(object), Value::Object(mut fields)) => {
            for (name, ty) in &object.fields {
                if has_datetimes(ty)
                    && let Some(index) = fields.iter().position(|(key, _)| key == name)
                {
                    let fields = Arc::make_mut(&mut fields);
                    let value = std::mem::take(&mut fields[index].1);
                    fields[index].1 = convert(value, ty, zone);
                }
            }
            Value::Object(fields)
        }
        (Shape::Array(item), Value::List(mut items)) => {
            if has_datetimes(item) {
                for value in Arc::make_mut(&mut items) {
                    *value = convert(std::mem::take(value), item, zone);
                }
            }
            Value::List(items)
        }
        (_, value) => value,
    }
}
