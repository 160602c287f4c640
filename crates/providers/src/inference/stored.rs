//! What is known, as JSON.

use salesdash_language::types::Personal;
use salesdash_value::{Text, Value};

use super::shape::{Kinds, Shape};
use super::{Inference, InferenceLimits};
use crate::personal::Looks;
use crate::reader::{Node, Problem, Problems};

/// The version of the stored form.
const FORMAT: u32 = 1;

impl Inference {
    /// What is known, to be stored. Holds names of fields, and no values.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Value::object([("format", i64::from(FORMAT).into()), ("shape", write(&self.root))])
    }

    /// Reads what was stored.
    ///
    /// # Errors
    /// Where it is not what [`Inference::to_value`] writes.
    pub fn from_value(value: &Value, limits: InferenceLimits) -> Result<Self, Vec<Problem>> {
        let mut problems = Problems::default();
        let root = problems.node(value, "").and_then(|node| {
            node.only(&mut problems, &["format", "shape"]);
            if node.whole(&mut problems, "format", FORMAT..=FORMAT).is_none() {
                problems.add("/format", "this was written by another version");
            }
            read(&mut problems, node.get("shape")?, "/shape")
        });
        Ok(Self::of(problems.result(root)?, limits))
    }
}

fn write(shape: &Shape) -> Value {
    let mut fields: Vec<(&str, Value)> = Vec::new();
    let mut list = |key: &'static str, names: Vec<&str>| {
        if !names.is_empty() {
            fields.push((key, Value::list(names.into_iter().map(Value::from))));
        }
    };
    list("kinds", Kinds::NAMES.iter().filter(|(kind, _)| shape.kinds.has(*kind)).map(|(_, name)| *name).collect());
    list("looks", Looks::NAMES.iter().filter(|(look, _)| shape.looks.has(*look)).map(|(_, name)| *name).collect());
    list("inside", shape.inside.names().collect());
    if shape.optional {
        fields.push(("optional", true.into()));
    }
    if let Some(position) = shape.position {
        fields.push(("position", i64::from(position).into()));
    }
    if shape.crowded {
        fields.push(("crowded", true.into()));
    }
    if !shape.fields.is_empty() {
        // The names are unique already.
        let named = shape.fields.iter().map(|(name, field)| (name.clone(), write(field)));
        fields.push(("fields", Value::Object(named.collect())));
    }
    if let Some(keyed) = &shape.keyed {
        fields.push(("keyed", write(keyed)));
    }
    if let Some(items) = &shape.items {
        fields.push(("items", write(items)));
    }
    Value::object(fields)
}

fn read(problems: &mut Problems, value: &Value, pointer: &str) -> Option<Shape> {
    let node = problems.node(value, pointer)?;
    node.only(problems, &["kinds", "looks", "inside", "optional", "position", "crowded", "fields", "keyed", "items"]);
    let kinds = names(problems, &node, "kinds", |name| Kinds::NAMES.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind));
    let looks = names(problems, &node, "looks", |name| Looks::NAMES.iter().find(|(_, known)| *known == name).map(|(look, _)| *look));
    let inside = names(problems, &node, "inside", Personal::from_name);
    let mut shape = Shape {
        kinds: kinds.into_iter().fold(Kinds::default(), Kinds::and),
        looks: looks.into_iter().fold(Looks::default(), Looks::and),
        inside: inside.into_iter().fold(Personal::NONE, Personal::and),
        optional: node.boolean(problems, "optional").unwrap_or(false),
        position: node.whole(problems, "position", 0..=u32::MAX),
        crowded: node.boolean(problems, "crowded").unwrap_or(false),
        ..Shape::default()
    };
    if let Some(fields) = node.get("fields") {
        let fields = problems.node(fields, &node.at("fields"))?;
        for (name, field) in fields.value.as_object().unwrap_or_default() {
            shape.fields.insert(Text::new(name), read(problems, field, &fields.at(name))?);
        }
    }
    let mut part = |key: &str| match node.get(key) {
        None => Some(None),
        Some(value) => read(problems, value, &node.at(key)).map(|shape| Some(Box::new(shape))),
    };
    shape.keyed = part("keyed")?;
    shape.items = part("items")?;
    Some(shape)
}

fn names<T>(problems: &mut Problems, node: &Node<'_>, key: &str, find: impl Fn(&str) -> Option<T>) -> Vec<T> {
    let Some(value) = node.get(key) else { return Vec::new() };
    let found: Option<Vec<T>> = value.as_list().and_then(|items| items.iter().map(|item| item.as_text().and_then(&find)).collect());
    found.unwrap_or_else(|| {
        problems.add(node.at(key), format!("`{key}` must be a list of known names"));
        Vec::new()
    })
}
