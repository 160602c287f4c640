//! The catalog: everything that the words say about themselves, as JSON. The forms of the Spec Builder are drawn from it.

use salesdash_language::check::{CONSTANT_TYPES, MAX_DEPTH, MAX_ID, MAX_NAME, MAX_NODES};
use salesdash_language::codes;
use salesdash_language::diagnostics::Code;
use salesdash_language::evaluate::Budgets;
use salesdash_language::meta::{
    Argument, ArgumentKind, Example, ExpressionMeta, Feature, Field, FieldKind, Gives, Group, InstructionExample, InstructionMeta, Literal,
    Origin, Returns, Role,
};
use salesdash_language::types::{Accepts, Personal};
use salesdash_language::vocabulary::Vocabulary;
use salesdash_value::{IdentityKind, RecordKind, Value, json};

/// The version of the catalog's own shape.
const FORMAT: i64 = 1;

/// The pattern of names: variables, constants, enrichments.
pub const NAME_PATTERN: &str = "^[a-z][a-z0-9_]*$";

/// A type of the language, for people.
pub struct TypeDoc {
    /// Its name in messages and catalogs.
    pub name: &'static str,
    /// What its values are.
    pub summary: &'static str,
}

/// The types of the language, in the order they are documented.
pub const TYPES: &[TypeDoc] = &[
    TypeDoc { name: "string", summary: "Text." },
    TypeDoc { name: "number", summary: "An exact decimal of at most 28 digits; never a binary float, so 0.1 and 0.2 make 0.3." },
    TypeDoc { name: "boolean", summary: "True or false. Nothing else counts as one: a condition is a boolean." },
    TypeDoc { name: "datetime", summary: "An instant. Text becomes one with `parse_datetime` or `parse_timestamp`." },
    TypeDoc { name: "object", summary: "Named, typed fields, reached with a dotted path." },
    TypeDoc {
        name: "array",
        summary: "A list of items of one type, written `array<string>`; items are reached with `for_each`, `find`, `first` or `item_at`.",
    },
    TypeDoc { name: "mapping", summary: "Text to text, for `lookup`. An object whose values are all strings serves as one." },
    TypeDoc {
        name: "agent_external_identity",
        summary: "What an agent is called in the external system, with `.id`, `.external_id` and `.external_name`.",
    },
    TypeDoc { name: "team_external_identity", summary: "The same for a team." },
    TypeDoc { name: "project_external_identity", summary: "The same for a project." },
    TypeDoc { name: "segment_external_identity", summary: "The same for a market segment." },
    TypeDoc { name: "proposition_external_identity", summary: "The same for a proposition: something that is sold." },
    TypeDoc { name: "activity", summary: "What `upsert_activity` returns: `.id`, `.external_id` and the fields that the upsert sets." },
    TypeDoc { name: "sale", summary: "What `upsert_sale` returns." },
    TypeDoc { name: "call", summary: "What `upsert_call` returns." },
    TypeDoc { name: "anonymous_activity", summary: "What `upsert_anonymous_activity` returns." },
    TypeDoc { name: "period", summary: "What `upsert_period` and `insert_contact_period_change` return." },
    TypeDoc {
        name: "any",
        summary: "A value whose shape is not known before run time, such as an undeclared field of a webhook. Where it is used it must turn out to fit: nothing is converted silently.",
    },
];

/// The catalog of a vocabulary. The same words give the same catalog, byte for byte.
#[must_use]
pub fn catalog(vocabulary: &Vocabulary) -> Value {
    let budgets = Budgets::DEFAULT;
    Value::object([
        ("format", Value::from(FORMAT)),
        ("instructions", Value::list(vocabulary.instructions().iter().map(|word| instruction(word.meta())))),
        ("expressions", Value::list(vocabulary.expressions().iter().map(|word| expression(word.meta())))),
        ("groups", groups(vocabulary)),
        ("types", Value::list(TYPES.iter().map(|ty| Value::object([("name", ty.name.into()), ("summary", ty.summary.into())])))),
        ("constant_types", texts(CONSTANT_TYPES)),
        ("identity_kinds", Value::list(IdentityKind::ALL.iter().map(|kind| kind.name().into()))),
        ("record_kinds", Value::list(RecordKind::ALL.iter().map(|kind| kind.name().into()))),
        ("personal_categories", Value::list(Personal::CATEGORIES.iter().map(|(_, name)| (*name).into()))),
        ("features", texts(&[Feature::Projects.name()])),
        ("names", Value::object([("pattern", NAME_PATTERN.into()), ("longest", count(MAX_NAME)), ("longest_id", count(MAX_ID))])),
        ("limits", Value::object([("depth", count(MAX_DEPTH)), ("nodes", count(MAX_NODES))])),
        (
            "budgets",
            Value::object([
                ("instructions", Value::from(i64::from(budgets.instructions))),
                ("list_items", count(budgets.list)),
                ("text_bytes", count(budgets.text)),
                ("effects", count(budgets.effects)),
                ("steps", Value::from(i64::try_from(budgets.steps).unwrap_or(i64::MAX))),
            ]),
        ),
        ("codes", Value::list(codes::ALL.iter().map(|each| code(each)))),
    ])
}

fn count(number: usize) -> Value {
    Value::from(i64::try_from(number).unwrap_or(i64::MAX))
}

fn texts(texts: &[&str]) -> Value {
    Value::list(texts.iter().map(|text| Value::from(*text)))
}

/// What a place takes: `["any"]` where it is everything.
fn accepts(accepts: Accepts) -> Value {
    if accepts == Accepts::ANY { texts(&["any"]) } else { Value::list(accepts.names().map(Value::from)) }
}

fn origin(origin: Origin) -> Value {
    Value::from(match origin {
        Origin::Documented => "documented",
        Origin::Ours => "ours",
    })
}

/// The groups that hold a word, in the order of the words, each with a title for people.
fn groups(vocabulary: &Vocabulary) -> Value {
    let mut groups: Vec<(Group, &str)> = Vec::new();
    let of_instructions = vocabulary.instructions().iter().map(|word| (word.meta().group, "instruction"));
    let of_expressions = vocabulary.expressions().iter().map(|word| (word.meta().group, "expression"));
    for group in of_instructions.chain(of_expressions) {
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    Value::list(groups.into_iter().map(|(group, of)| {
        Value::object([("name", Value::from(group.name())), ("title", Value::text(title(group))), ("of", Value::from(of))])
    }))
}

/// The name of a group as a heading.
pub(crate) fn title(group: Group) -> String {
    let name = group.name();
    let (first, rest) = name.split_at(1);
    first.to_uppercase() + rest
}

fn expression(meta: &ExpressionMeta) -> Value {
    Value::object([
        ("name", Value::from(meta.name)),
        ("group", Value::from(meta.group.name())),
        ("origin", origin(meta.origin)),
        ("summary", Value::from(meta.summary)),
        ("phrase", Value::from(meta.phrase)),
        ("docs", Value::from(meta.docs)),
        ("arguments", Value::list(meta.arguments.iter().map(argument))),
        ("returns", Value::from(meta.returns)),
        ("gives", accepts(meta.gives)),
        ("search_terms", texts(meta.search_terms)),
        ("roles", Value::list(meta.roles.iter().map(role))),
        ("examples", Value::list(meta.examples.iter().map(example))),
    ])
}

fn argument(argument: &Argument) -> Value {
    let mut fields = vec![("name", Value::from(argument.name))];
    match &argument.kind {
        ArgumentKind::Expression => fields.push(("kind", Value::from("expression"))),
        ArgumentKind::Expressions(least) => fields.extend([("kind", Value::from("expressions")), ("at_least", count(*least))]),
        ArgumentKind::Literal(kind) => literal(kind, &mut fields),
        ArgumentKind::Name => fields.push(("kind", Value::from("name"))),
    }
    fields.push(("required", Value::from(argument.required)));
    if matches!(argument.kind, ArgumentKind::Expression | ArgumentKind::Expressions(_)) {
        fields.extend([("accepts", accepts(argument.accepts)), ("nullable", Value::from(argument.nullable))]);
    }
    fields.push(("summary", Value::from(argument.summary)));
    Value::object(fields)
}

fn literal(kind: &Literal, fields: &mut Vec<(&'static str, Value)>) {
    fields.push(("kind", Value::from("literal")));
    fields.push(("literal", Value::from(literal_name(kind))));
    match kind {
        Literal::Choice(allowed) => fields.push(("choices", texts(allowed))),
        Literal::Integer(least, most) => fields.extend([("minimum", Value::from(*least)), ("maximum", Value::from(*most))]),
        _ => {}
    }
}

fn literal_name(kind: &Literal) -> &'static str {
    match kind {
        Literal::Json => "json",
        Literal::Text => "text",
        Literal::Choice(_) => "choice",
        Literal::Boolean => "boolean",
        Literal::Integer(..) => "integer",
        Literal::Path => "path",
        Literal::Variable => "variable",
        Literal::Pattern => "pattern",
        Literal::Timezone => "timezone",
        Literal::DateFormat => "date_format",
        Literal::FieldName => "field_name",
    }
}

fn role(role: &Role) -> Value {
    let name = match role {
        Role::Converts { from, to } => {
            return Value::object([("role", Value::from("converts")), ("from", accepts(*from)), ("to", accepts(*to))]);
        }
        Role::Defaults => "defaults",
        Role::TestsEmptiness => "tests_emptiness",
        Role::Negates => "negates",
        Role::Protects => "protects",
        Role::Guards => "guards",
        Role::Constant => "constant",
        Role::Variable => "variable",
    };
    Value::object([("role", Value::from(name))])
}

fn example(example: &Example) -> Value {
    let mut fields = vec![("title", Value::from(example.title)), ("node", parsed(example.node)), ("given", parsed(example.given))];
    fields.push(match example.gives {
        Gives::Value(value) => ("value", parsed(value)),
        Gives::Error(code) => ("error", Value::from(code)),
        Gives::Refused(code) => ("refused", Value::from(code)),
    });
    Value::object(fields)
}

/// The JSON of an example. Examples are executed, so that theirs is valid; `""` stands for none.
fn parsed(text: &str) -> Value {
    if text.is_empty() {
        return Value::object::<&str>([]);
    }
    json::parse(text.as_bytes(), json::Limits::DEFAULT).unwrap_or_else(|error| panic!("an example is JSON: {error}: {text}"))
}

fn instruction(meta: &InstructionMeta) -> Value {
    Value::object([
        ("name", Value::from(meta.name)),
        ("group", Value::from(meta.group.name())),
        ("origin", origin(meta.origin)),
        ("block", Value::from(is_block(meta))),
        ("summary", Value::from(meta.summary)),
        ("phrase", Value::from(meta.phrase)),
        ("docs", Value::from(meta.docs)),
        ("fields", Value::list(meta.fields.iter().map(field))),
        ("returns", meta.returns.as_ref().map_or(Value::Null, returns)),
        ("effect", Value::from(meta.effect)),
        ("search_terms", texts(meta.search_terms)),
        ("roles", Value::list(meta.roles.iter().map(role))),
        ("examples", Value::list(meta.examples.iter().map(instruction_example))),
    ])
}

/// Whether an instruction runs others.
pub(crate) fn is_block(meta: &InstructionMeta) -> bool {
    meta.fields.iter().any(|field| matches!(field.kind, FieldKind::Instructions))
}

fn returns(returns: &Returns) -> Value {
    Value::object([("required", Value::from(returns.required)), ("summary", Value::from(returns.summary))])
}

fn field(field: &Field) -> Value {
    let mut fields = vec![("name", Value::from(field.name))];
    match &field.kind {
        FieldKind::Expression => fields.push(("kind", Value::from("expression"))),
        FieldKind::Instructions => fields.push(("kind", Value::from("instructions"))),
        FieldKind::ItemOf(_) => fields.push(("kind", Value::from("name"))),
        FieldKind::Literal(kind) => literal(kind, &mut fields),
    }
    fields.push(("required", Value::from(field.required)));
    if matches!(field.kind, FieldKind::Expression) {
        fields.extend([
            ("accepts", accepts(field.accepts)),
            ("nullable", Value::from(field.nullable)),
            ("personal", Value::from(field.personal)),
        ]);
        if !field.choices.is_empty() {
            fields.push(("choices", texts(field.choices)));
        }
    }
    if let Some(feature) = field.feature {
        fields.push(("feature", Value::from(feature.name())));
    }
    fields.push(("summary", Value::from(field.summary)));
    Value::object(fields)
}

fn instruction_example(example: &InstructionExample) -> Value {
    Value::object([
        ("title", Value::from(example.title)),
        ("instructions", parsed(example.instructions)),
        ("given", parsed(example.given)),
        ("status", Value::from(example.status)),
        ("effects", parsed(example.effects)),
    ])
}

fn code(code: &Code) -> Value {
    Value::object([
        ("code", Value::from(code.code)),
        ("title", Value::from(code.title)),
        ("meaning", Value::from(code.meaning)),
        ("why", Value::from(code.why)),
        ("before", Value::from(code.before)),
        ("after", Value::from(code.after)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_and_every_code_is_in_it() {
        let vocabulary = crate::vocabulary();
        let catalog = catalog(vocabulary);
        let names = |key: &str, name: &str| -> Vec<String> {
            let list = catalog.get(key).and_then(Value::as_list).expect("a list");
            list.iter().map(|entry| entry.get(name).and_then(Value::as_text).expect("a name").to_owned()).collect()
        };
        assert_eq!(names("instructions", "name"), vocabulary.instructions().iter().map(|word| word.meta().name).collect::<Vec<_>>());
        assert_eq!(names("expressions", "name"), vocabulary.expressions().iter().map(|word| word.meta().name).collect::<Vec<_>>());
        assert_eq!(names("codes", "code"), codes::ALL.iter().map(|code| code.code).collect::<Vec<_>>());
        let groups = names("groups", "name");
        for word in names("instructions", "group").iter().chain(&names("expressions", "group")) {
            assert!(groups.contains(word), "{word}");
        }
    }

    #[test]
    fn a_phrase_speaks_of_fields_that_are_there() {
        use salesdash_language::meta::phrase_fields;
        let vocabulary = crate::vocabulary();
        for meta in vocabulary.expressions().iter().map(|word| word.meta()) {
            for name in phrase_fields(meta.phrase) {
                assert!(meta.arguments.iter().any(|argument| argument.name == name), "{}: {name}", meta.name);
            }
        }
        for meta in vocabulary.instructions().iter().map(|word| word.meta()) {
            assert!(!meta.phrase.is_empty(), "{} has no words for its card", meta.name);
            for name in phrase_fields(meta.phrase) {
                let returned = name == "return_as" && meta.returns.is_some();
                assert!(returned || meta.fields.iter().any(|field| field.name == name), "{}: {name}", meta.name);
            }
        }
    }

    #[test]
    fn every_type_is_described() {
        let described: Vec<&str> = TYPES.iter().map(|ty| ty.name).collect();
        for name in Accepts::ANY.names().filter(|name| *name != "record") {
            assert!(described.contains(&name), "{name}");
        }
        for kind in RecordKind::ALL {
            assert!(described.contains(&kind.name()), "{kind}");
        }
    }

    #[test]
    fn the_catalog_is_json_that_reads_back() {
        let catalog = catalog(crate::vocabulary());
        let text = json::to_pretty(&catalog);
        assert_eq!(json::parse(text.as_bytes(), json::Limits::DEFAULT), Ok(catalog));
    }
}
