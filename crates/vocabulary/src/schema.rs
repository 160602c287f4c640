//! The JSON Schema (2020-12) of a spec, for editors and for whoever writes specs with other tools. It says what a spec is made of;
//! what it means is for the checker: types, scope, personal data.

use salesdash_language::check::{CONSTANT_TYPES, MAX_ID, MAX_NAME};
use salesdash_language::meta::{ArgumentKind, ExpressionMeta, FieldKind, InstructionMeta, Literal};
use salesdash_language::vocabulary::Vocabulary;
use salesdash_value::Value;

use crate::catalog::NAME_PATTERN;

/// A dotted path.
const PATH_PATTERN: &str = r"^[^.]+(\.[^.]+)*$";

/// The schema of a spec in a vocabulary. The same words give the same schema, byte for byte.
#[must_use]
pub fn schema(vocabulary: &Vocabulary) -> Value {
    let mut definitions = vec![
        (
            "name".to_owned(),
            Value::object([
                ("description", Value::from("The name of a variable, a constant or an enrichment")),
                ("type", Value::from("string")),
                ("pattern", Value::from(NAME_PATTERN)),
                ("maxLength", count(MAX_NAME)),
            ]),
        ),
        ("instructions".to_owned(), list_of(reference("instruction"), 0)),
        ("instruction".to_owned(), one_of(vocabulary.instructions().iter().map(|word| word.meta().name), "instruction")),
        ("expression".to_owned(), one_of(vocabulary.expressions().iter().map(|word| word.meta().name), "expression")),
    ];
    definitions
        .extend(vocabulary.instructions().iter().map(|word| (format!("instruction.{}", word.meta().name), instruction(word.meta()))));
    definitions.extend(vocabulary.expressions().iter().map(|word| (format!("expression.{}", word.meta().name), expression(word.meta()))));
    let mut root = vec![
        ("$schema".to_owned(), Value::from("https://json-schema.org/draft/2020-12/schema")),
        ("$id".to_owned(), Value::from("urn:salesdash:spec:1")),
        ("title".to_owned(), Value::from("SalesDash spec")),
        ("description".to_owned(), Value::from("A processor: what to write for each record of one source model")),
    ];
    root.extend(object(
        [
            ("format", true, Value::object([("description", Value::from("The format of this document")), ("const", Value::from(1))])),
            ("source_model", true, source_model()),
            ("constants", false, list_of(constant(), 0)),
            ("enrichments", false, list_of(enrichment(), 0)),
            ("instructions", true, reference("instructions")),
        ]
        .into_iter(),
    ));
    root.push(("$defs".to_owned(), Value::object(definitions)));
    Value::object(root)
}

fn count(number: usize) -> Value {
    Value::from(i64::try_from(number).unwrap_or(i64::MAX))
}

fn reference(definition: &str) -> Value {
    Value::object([("$ref", Value::text(format!("#/$defs/{definition}")))])
}

/// The same, with a line about this use of it.
fn described(schema: Value, description: &str) -> Value {
    let mut fields = vec![("description".into(), Value::from(description))];
    fields.extend(schema.as_object().unwrap_or_default().iter().cloned());
    Value::object(fields)
}

fn list_of(items: Value, least: usize) -> Value {
    let mut fields = vec![("type", Value::from("array")), ("items", items)];
    if least > 0 {
        fields.push(("minItems", count(least)));
    }
    Value::object(fields)
}

fn text() -> Value {
    Value::object([("type", Value::from("string"))])
}

fn one_of<'n>(names: impl Iterator<Item = &'n str>, kind: &str) -> Value {
    Value::object([
        ("type", Value::from("object")),
        ("required", Value::list([Value::from("type")])),
        ("discriminator", Value::object([("propertyName", Value::from("type"))])),
        ("oneOf", Value::list(names.map(|name| reference(&format!("{kind}.{name}"))))),
    ])
}

/// An object with exactly these keys: name, whether it must be there, schema.
fn object<'n>(keys: impl Iterator<Item = (&'n str, bool, Value)>) -> Vec<(String, Value)> {
    let (mut required, mut properties) = (Vec::new(), Vec::new());
    for (name, needed, schema) in keys {
        if needed {
            required.push(Value::from(name));
        }
        properties.push((name, schema));
    }
    vec![
        ("type".to_owned(), Value::from("object")),
        ("required".to_owned(), Value::list(required)),
        ("properties".to_owned(), Value::object(properties)),
        ("additionalProperties".to_owned(), Value::Boolean(false)),
    ]
}

fn source_model() -> Value {
    Value::object(object(
        [
            ("type", true, described(text(), "The type of the record that the spec takes, such as `ghl_opportunity`")),
            (
                "var",
                false,
                described(reference("name"), "The variable that stands for it; where it is left out, the one that its declaration names"),
            ),
        ]
        .into_iter(),
    ))
}

fn constant() -> Value {
    let types = Value::object([("enum", Value::list(CONSTANT_TYPES.iter().map(|name| Value::from(*name))))]);
    Value::object(object(
        [
            ("name", true, reference("name")),
            ("type", true, types),
            ("default", false, described(Value::object::<&str>([]), "The value where a link gives none, of the declared type")),
            ("description", false, described(optional_text(), "What it is for")),
        ]
        .into_iter(),
    ))
}

fn optional_text() -> Value {
    Value::object([("type", Value::list([Value::from("string"), Value::from("null")]))])
}

fn enrichment() -> Value {
    Value::object(object(
        [
            ("type", true, described(text(), "The type of the enrichment")),
            ("on", true, described(text(), "The variable of the source model, or the enrichment, that it hangs on")),
            ("as", true, described(reference("name"), "The field of its parent under which it appears")),
        ]
        .into_iter(),
    ))
}

fn literal(kind: &Literal) -> Value {
    match kind {
        Literal::Json => Value::object::<&str>([]),
        Literal::Choice(allowed) => Value::object([("enum", Value::list(allowed.iter().map(|text| Value::from(*text))))]),
        Literal::Boolean => Value::object([("type", Value::from("boolean"))]),
        Literal::Integer(least, most) => {
            Value::object([("type", Value::from("integer")), ("minimum", Value::from(*least)), ("maximum", Value::from(*most))])
        }
        Literal::Path | Literal::Variable => Value::object([("type", Value::from("string")), ("pattern", Value::from(PATH_PATTERN))]),
        Literal::Text | Literal::Pattern | Literal::Timezone | Literal::DateFormat | Literal::FieldName => text(),
    }
}

fn word_type(name: &str) -> (&'static str, bool, Value) {
    ("type", true, Value::object([("const", Value::from(name))]))
}

fn expression(meta: &ExpressionMeta) -> Value {
    let arguments = meta.arguments.iter().map(|argument| {
        let schema = match &argument.kind {
            ArgumentKind::Expression => reference("expression"),
            ArgumentKind::Expressions(least) => list_of(reference("expression"), *least),
            ArgumentKind::Literal(kind) => literal(kind),
            ArgumentKind::Name => reference("name"),
        };
        (argument.name, argument.required, described(schema, argument.summary))
    });
    described(Value::object(object(std::iter::once(word_type(meta.name)).chain(arguments))), meta.summary)
}

fn instruction(meta: &InstructionMeta) -> Value {
    let id = Value::object([("type", Value::from("string")), ("minLength", Value::from(1)), ("maxLength", count(MAX_ID))]);
    let common = [
        ("id", true, described(id, "Unique in the spec, and kept when it is edited")),
        word_type(meta.name),
        ("note", false, described(optional_text(), "Shown on its card")),
        ("disabled", false, described(Value::object([("type", Value::from("boolean"))]), "Whether it is left out when the spec runs")),
    ];
    let fields = meta.fields.iter().map(|field| {
        let schema = match &field.kind {
            FieldKind::Expression => reference("expression"),
            FieldKind::Instructions => reference("instructions"),
            FieldKind::Literal(kind) => literal(kind),
            FieldKind::ItemOf(_) => reference("name"),
        };
        (field.name, field.required, described(schema, field.summary))
    });
    let returns = meta.returns.iter().map(|returns| ("return_as", returns.required, described(reference("name"), returns.summary)));
    described(Value::object(object(common.into_iter().chain(fields).chain(returns))), meta.summary)
}

#[cfg(test)]
mod tests {
    use salesdash_value::json;

    use super::*;

    /// A validator of the keywords that the schema uses; any other keyword fails.
    struct Validator<'s> {
        root: &'s Value,
    }

    impl Validator<'_> {
        fn valid(&self, schema: &Value, value: &Value) -> bool {
            let Some(keywords) = schema.as_object() else { return schema == &Value::Boolean(true) };
            keywords.iter().all(|(keyword, argument)| match keyword.as_str() {
                "description" | "title" | "$schema" | "$id" | "$defs" | "discriminator" => true,
                "$ref" => {
                    let name = argument.as_text().and_then(|path| path.strip_prefix("#/$defs/")).expect("a definition of the schema");
                    self.valid(self.root.get("$defs").and_then(|all| all.get(name)).expect("a definition that exists"), value)
                }
                "oneOf" => argument.as_list().unwrap().iter().filter(|one| self.valid(one, value)).count() == 1,
                "const" => argument == value,
                "enum" => argument.as_list().unwrap().contains(value),
                "type" => match argument {
                    Value::List(types) => types.iter().any(|ty| has_type(value, ty.as_text().unwrap())),
                    ty => has_type(value, ty.as_text().unwrap()),
                },
                "required" => argument.as_list().unwrap().iter().all(|key| value.get(key.as_text().unwrap()).is_some()),
                "properties" => {
                    let properties = argument.as_object().unwrap();
                    properties.iter().all(|(key, schema)| value.get(key).is_none_or(|value| self.valid(schema, value)))
                }
                "additionalProperties" => {
                    assert_eq!(argument, &Value::Boolean(false));
                    let known = schema.get("properties").unwrap();
                    value.as_object().is_none_or(|fields| fields.iter().all(|(key, _)| known.get(key).is_some()))
                }
                "items" => value.as_list().is_none_or(|items| items.iter().all(|item| self.valid(argument, item))),
                "minItems" => value.as_list().is_none_or(|items| count(items.len()).as_number() >= argument.as_number()),
                "minLength" => value.as_text().is_none_or(|text| count(text.chars().count()).as_number() >= argument.as_number()),
                "maxLength" => value.as_text().is_none_or(|text| count(text.chars().count()).as_number() <= argument.as_number()),
                "minimum" => value.as_number().is_none_or(|number| Some(number) >= argument.as_number()),
                "maximum" => value.as_number().is_none_or(|number| Some(number) <= argument.as_number()),
                "pattern" => {
                    let pattern = regex::Regex::new(argument.as_text().unwrap()).unwrap();
                    value.as_text().is_none_or(|text| pattern.is_match(text))
                }
                other => panic!("the test does not know the keyword {other}"),
            })
        }
    }

    fn has_type(value: &Value, ty: &str) -> bool {
        match ty {
            "object" => value.as_object().is_some(),
            "array" => value.as_list().is_some(),
            "string" => value.as_text().is_some(),
            "boolean" => value.as_boolean().is_some(),
            "integer" => value.as_number().is_some_and(|number| number.is_integer()),
            "null" => value.is_null(),
            other => panic!("the test does not know the type {other}"),
        }
    }

    fn parse(text: &str) -> Value {
        json::parse(text.as_bytes(), json::Limits::DEFAULT).expect("JSON")
    }

    fn spec(instructions: Value) -> Value {
        Value::object([
            ("format", Value::from(1)),
            ("source_model", parse(r#"{"type": "example", "var": "event"}"#)),
            ("constants", parse(r#"[{"name": "label", "type": "string", "default": "x", "description": "A label"}]"#)),
            ("enrichments", parse(r#"[{"type": "contact", "on": "event", "as": "contact"}]"#)),
            ("instructions", instructions),
        ])
    }

    #[test]
    fn every_example_is_valid_and_none_with_an_unknown_key() {
        let schema = schema(crate::vocabulary());
        let validator = Validator { root: &schema };
        for word in crate::vocabulary().instructions() {
            for example in word.meta().examples {
                let instructions = parse(example.instructions);
                assert!(validator.valid(&schema, &spec(instructions.clone())), "{}: {}", word.meta().name, example.title);
                let broken = instructions.as_list().unwrap().iter().map(|instruction| {
                    Value::object(instruction.as_object().unwrap().iter().cloned().chain([("unknown".into(), Value::Null)]))
                });
                assert!(!validator.valid(&schema, &spec(Value::list(broken))), "{}: {}", word.meta().name, example.title);
            }
        }
        for word in crate::vocabulary().expressions() {
            for example in word.meta().examples {
                let refused = matches!(example.gives, salesdash_language::meta::Gives::Refused(_));
                let node = parse(example.node);
                let valid = validator.valid(&reference("expression"), &node);
                assert!(valid || refused, "{}: {}", word.meta().name, example.title);
            }
        }
    }

    #[test]
    fn what_is_no_spec_is_invalid() {
        let schema = schema(crate::vocabulary());
        let validator = Validator { root: &schema };
        assert!(validator.valid(&schema, &spec(Value::list([]))));
        for text in [
            r#"[]"#,
            r#"{"format": 2, "source_model": {"type": "x", "var": "x"}, "instructions": []}"#,
            r#"{"format": 1, "instructions": []}"#,
            r#"{"format": 1, "source_model": {"type": "x", "var": "Not a name"}, "instructions": []}"#,
            r#"{"format": 1, "source_model": {"type": "x", "var": "x"}, "instructions": [{"id": "a"}]}"#,
            r#"{"format": 1, "source_model": {"type": "x", "var": "x"}, "instructions": [{"type": "upsert_sale"}]}"#,
            r#"{"format": 1, "source_model": {"type": "x", "var": "x"}, "constants": [{"name": "a", "type": "text"}], "instructions": []}"#,
        ] {
            assert!(!validator.valid(&schema, &parse(text)), "{text}");
        }
    }
}
