//! The declaration of a source model: what was inferred, and what a person has declared laid over it.

use salesdash_language::types::Personal;
use salesdash_value::{Text, Value};

use super::Inference;
use super::shape::{Kinds, Shape};
use crate::personal::names::Words;
use crate::personal::{Looks, one};

/// What a declaration says besides the fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelHeader {
    /// The path of the field that tells one record from another.
    pub key: Option<Text>,
    /// The path of the field by which a later state is told from an earlier one.
    pub version: Option<Text>,
    /// The variable that stands for it where a spec gives none.
    pub var: Option<Text>,
}

impl Inference {
    /// The declaration of the source model, as it stands under its type in a models file: `{"key", "version", "var", "open", "fields"}`.
    /// Objects are open: a record can always have a field that no record had before.
    ///
    /// `declared` is what a person has decided, in the same form, and as little of it as was decided: `{"fields": {"email": {"personal":
    /// null}, "lines": {"items": {"fields": {"price": "number"}}}}}`. What is given there wins: a `type` (a bare string decides the type
    /// alone), `may_be_empty`, `personal` (null or false: not personal), `description`, `open`; and fields that no record had yet are
    /// added. Null where nothing was decided.
    #[must_use]
    pub fn model(&self, header: &ModelHeader, declared: &Value) -> Value {
        let mut fields: Vec<(Text, Value)> = Vec::new();
        for (key, text) in [("key", &header.key), ("version", &header.version), ("var", &header.var)] {
            if let Some(text) = text {
                fields.push((Text::new_static(key), text.as_str().into()));
            }
        }
        for (key, value) in declared.as_object().unwrap_or_default() {
            if !matches!(key.as_str(), "key" | "version" | "var" | "fields" | "open") {
                fields.push((key.clone(), value.clone()));
            }
        }
        fields.push((Text::new_static("open"), declared.get("open").cloned().unwrap_or(Value::Boolean(true))));
        let inferred = if self.root.crowded { Vec::new() } else { inferred_fields(&self.root, &Context::default()) };
        fields.push((Text::new_static("fields"), lay_fields(inferred, declared.get("fields"))));
        Value::Object(fields.into())
    }
}

/// Names of fields that tell one record from another, likeliest first.
const KEYS: &[&str] = &["id", "uuid", "guid", "key", "recordid", "objectid", "eventid"];

/// Names of fields that tell a later state from an earlier one, likeliest first.
const VERSIONS: &[&str] = &[
    "updatedat",
    "updateat",
    "updatetime",
    "updated",
    "updatedon",
    "dateupdated",
    "lastupdated",
    "lastupdatedat",
    "modifiedat",
    "modified",
    "modifiedon",
    "datemodified",
    "lastmodified",
    "lastmodifieddate",
    "systemmodstamp",
    "version",
    "timestamp",
];

impl Inference {
    /// The field that most likely tells one record from another: every record has it, as text or number.
    #[must_use]
    pub fn suggested_key(&self) -> Option<Text> {
        self.suggested(KEYS, Kinds::TEXT.and(Kinds::NUMBER))
    }

    /// The field that most likely tells a later state of a record from an earlier one: every record has it, as text, number or datetime.
    #[must_use]
    pub fn suggested_version(&self) -> Option<Text> {
        self.suggested(VERSIONS, Kinds::TEXT.and(Kinds::NUMBER).and(Kinds::DATETIME))
    }

    fn suggested(&self, names: &[&str], kinds: Kinds) -> Option<Text> {
        let fits = |shape: &Shape| !shape.optional && !shape.kinds.is_empty() && shape.kinds.without(kinds).is_empty();
        names.iter().find_map(|wanted| {
            let mut fields = self.root.fields.iter();
            // The name goes into a path, where a dot would part it.
            fields
                .find(|(name, shape)| fits(shape) && !name.contains('.') && Words::of(name).joined() == *wanted)
                .map(|(name, _)| name.clone())
        })
    }
}

/// A field as it is declared.
#[derive(Clone, Debug, Default)]
struct Field {
    ty: Text,
    personal: Option<Personal>,
    may_be_empty: bool,
    fields: Option<Vec<(Text, Field)>>,
    items: Option<Box<Field>>,
}

/// What a field stands in.
#[derive(Clone, Default)]
struct Context {
    /// The nearest name above it that says something.
    words: Words,
    /// The category that this name says.
    category: Option<Personal>,
    /// Whether the fields beside it are those of a person.
    beside_person: bool,
    /// Whether the fields beside it are those of an address.
    beside_address: bool,
}

/// The fields of an object, in the order in which they came.
fn inferred_fields(shape: &Shape, context: &Context) -> Vec<(Text, Field)> {
    let mut named: Vec<(&Text, &Shape, Words)> = shape.fields.iter().map(|(name, field)| (name, field, Words::of(name))).collect();
    named.sort_by(|(a, x, _), (b, y, _)| (x.position, a).cmp(&(y.position, b)));
    let categories = named.iter().filter_map(|(_, field, words)| words.category().filter(|category| can_be(*category, field.kinds)));
    let beside = categories.fold(Personal::NONE, Personal::and);
    let has = |wanted: Personal| beside.names().any(|name| wanted.names().any(|wanted| wanted == name));
    let mut context = context.clone();
    context.beside_person = has(Personal::EMAIL.and(Personal::PHONE).and(Personal::NAME).and(Personal::BIRTH_DATE));
    context.beside_address = has(Personal::ADDRESS);
    named.into_iter().map(|(name, field, words)| (name.clone(), inferred(field, words, &context))).collect()
}

fn inferred(shape: &Shape, words: Words, context: &Context) -> Field {
    let own = words.category();
    let (words, category) = if words.say_nothing() { (context.words.clone(), context.category) } else { (words, own) };
    let kinds = shape.kinds.without(Kinds::NULL);
    let mut field = Field { may_be_empty: shape.optional || shape.kinds.has(Kinds::NULL), ..Field::default() };
    let texts = Kinds::TEXT.and(Kinds::DATETIME);
    // What stands below an address is part of it; what stands below anything else is so only under a name that says nothing.
    let below = Context {
        words: words.clone(),
        category: category.or(context.category.filter(|above| *above == Personal::ADDRESS)),
        ..Context::default()
    };
    let ty = if kinds == Kinds::DATETIME {
        "datetime"
    } else if !kinds.is_empty() && kinds.without(texts).is_empty() {
        "string"
    } else if kinds == Kinds::NUMBER {
        "number"
    } else if kinds == Kinds::BOOLEAN {
        "boolean"
    } else if kinds == Kinds::OBJECT {
        let is_table = shape.crowded || shape.fields.is_empty();
        let hidden = if is_table { shape.all_personal() } else { shape.inside.and(keyed(shape)) };
        field.personal = one(hidden);
        field.fields = (!is_table).then(|| inferred_fields(shape, &below));
        "object"
    } else if kinds == Kinds::ARRAY {
        field.personal = one(shape.inside);
        field.items = shape.items.as_deref().map(|items| Box::new(inferred(items, words.clone(), &below)));
        "array"
    } else {
        "any"
    };
    field.ty = Text::new_static(ty);
    match ty {
        "object" | "array" => {}
        "any" => {
            let scalar = propose(shape, &words, category, context).unwrap_or(Personal::NONE);
            field.personal = one(scalar.and(shape.all_personal()));
        }
        _ => field.personal = propose(shape, &words, category, context),
    }
    field
}

fn keyed(shape: &Shape) -> Personal {
    shape.keyed.as_deref().map_or(Personal::NONE, Shape::all_personal)
}

/// Whether values of these kinds can be of a category.
fn can_be(category: Personal, kinds: Kinds) -> bool {
    let kinds = kinds.without(Kinds::NULL);
    let texts = Kinds::TEXT.and(Kinds::DATETIME);
    if kinds.is_empty() || kinds.has(texts) || kinds.has(Kinds::OBJECT.and(Kinds::ARRAY)) {
        return true;
    }
    let as_numbers = [Personal::PHONE, Personal::IDENTIFIER, Personal::BIRTH_DATE, Personal::ADDRESS];
    kinds.has(Kinds::NUMBER.and(Kinds::OTHER)) && as_numbers.contains(&category)
}

/// The category that is proposed for a field that is no object and no list.
fn propose(shape: &Shape, words: &Words, category: Option<Personal>, context: &Context) -> Option<Personal> {
    // The full name of a thing is nobody's.
    if words.joined() == "fullname" && context.words.are_something() {
        return None;
    }
    let is_empty = shape.kinds.without(Kinds::NULL).is_empty();
    if let Some(category) = category {
        let is_tally = !is_empty && !shape.kinds.has(Kinds::TEXT) && words.may_be_a_device();
        return (can_be(category, shape.kinds) && !is_tally).then_some(category);
    }
    let may_be_text = shape.kinds.has(Kinds::TEXT) || is_empty;
    let like_name = shape.looks.has(Looks::NAME.and(Looks::NAME_LIKE));
    if may_be_text && is_name_of_somebody(words, context) {
        return Some(Personal::NAME);
    }
    // `owner`: `Anna Bakker`
    if like_name && words.are_somebody() {
        return Some(Personal::NAME);
    }
    let is_part_of_address = context.category == Some(Personal::ADDRESS) || context.beside_address && words.are_a_town();
    if may_be_text && is_part_of_address {
        return Some(Personal::ADDRESS);
    }
    let looks = if words.are_something() { shape.looks.without(Looks::NAME) } else { shape.looks };
    one(looks.personal())
}

fn is_name_of_somebody(words: &Words, context: &Context) -> bool {
    words.whose_name().is_some_and(|whose| {
        if whose.is_empty() {
            context.words.are_somebody() || context.beside_person && !context.words.are_something()
        } else {
            whose.are_somebody()
        }
    })
}

impl Field {
    fn to_value(&self, declared: Option<&Value>) -> Value {
        let given = declared.filter(|declared| matches!(declared, Value::Object(_)));
        let get = |key: &str| given.and_then(|given| given.get(key));
        let implied = || match (get("fields"), get("items")) {
            (Some(_), _) => Some(Text::new_static("object")),
            (None, Some(_)) => Some(Text::new_static("array")),
            (None, None) => None,
        };
        let decided = match declared {
            Some(Value::Text(ty)) => Some(ty.clone()),
            _ => get("type").and_then(Value::as_text).map(Text::new).or_else(implied),
        };
        let keeps_type = decided.as_ref().is_none_or(|ty| *ty == self.ty);
        let ty = decided.unwrap_or_else(|| self.ty.clone());
        let personal = match get("personal") {
            Some(Value::Null | Value::Boolean(false)) => Value::Null,
            Some(category) => category.clone(),
            // Of another type it has no parts any more, and what these hold of persons must not be lost with them.
            None => {
                let set = if keeps_type { self.personal } else { one(self.all_personal()) };
                set.and_then(|category| category.names().next()).map_or(Value::Null, Value::from)
            }
        };
        let may_be_empty = get("may_be_empty").and_then(Value::as_boolean).unwrap_or(self.may_be_empty);
        let mut parts: Vec<(Text, Value)> = vec![(Text::new_static("type"), ty.as_str().into())];
        let mut add = |key: &'static str, value: Value| parts.push((Text::new_static(key), value));
        if !personal.is_null() {
            add("personal", personal);
        }
        // `any` may be empty unless it says otherwise; everything else must not.
        if may_be_empty != (ty == "any") {
            add("may_be_empty", may_be_empty.into());
        }
        if let Some(description) = get("description") {
            add("description", description.clone());
        }
        let inferred = if keeps_type { self.fields.clone() } else { None };
        if inferred.is_some() || get("fields").is_some() {
            add("fields", lay_fields(inferred.unwrap_or_default(), get("fields")));
            add("open", get("open").cloned().unwrap_or(Value::Boolean(true)));
        }
        let items = if keeps_type { self.items.as_deref() } else { None };
        match (items, get("items")) {
            (None, None) => {}
            (Some(items), declared) => add("items", items.to_value(declared)),
            (None, Some(declared)) => add("items", declared.clone()),
        }
        if parts.len() == 1 { Value::Text(ty) } else { Value::Object(parts.into()) }
    }

    fn all_personal(&self) -> Personal {
        let fields = self.fields.iter().flatten().map(|(_, field)| field.all_personal());
        let items = self.items.iter().map(|items| items.all_personal());
        fields.chain(items).fold(self.personal.unwrap_or(Personal::NONE), Personal::and)
    }
}

/// Inferred fields with declared ones laid over them.
fn lay_fields(inferred: Vec<(Text, Field)>, declared: Option<&Value>) -> Value {
    let declared = declared.and_then(Value::as_object).unwrap_or_default();
    let find = |name: &Text| declared.iter().find(|(known, _)| known == name).map(|(_, value)| value);
    let mut fields: Vec<(Text, Value)> = inferred.iter().map(|(name, field)| (name.clone(), field.to_value(find(name)))).collect();
    for (name, value) in declared {
        if !inferred.iter().any(|(known, _)| known == name) {
            fields.push((name.clone(), value.clone()));
        }
    }
    Value::Object(fields.into())
}
