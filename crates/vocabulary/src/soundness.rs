//! Random expressions, made from the metadata of every word, over data that is as its types declare: what the checker accepts without a
//! warning cannot fail for its types when it runs, gives a value of the type the checker said, and lets no personal data out.

use std::sync::Arc;

use salesdash_language::check::check_expression;
use salesdash_language::diagnostics::Severity;
use salesdash_language::meta::{Argument, ArgumentKind, ExpressionMeta, Literal};
use salesdash_language::types::{Accepts, ObjectType, Personal, Shape, Type};
use salesdash_value::{Decimal, IdentityKind, Instant, Text, Value, json};

use crate::testing::with_context;
use crate::vocabulary;

/// How many expressions are made.
const EXPRESSIONS: u64 = 2_500;
/// How many different data each is evaluated over.
const DATA: u64 = 4;
/// How deep expressions are nested.
const DEPTH: u32 = 3;
/// How often a fitting expression is looked for in a place that takes only some types.
const TRIES: u32 = 8;
/// Stands in every personal text, and in no other.
const TOKEN: char = '§';
/// The only personal number.
const PERSONAL_NUMBER: i64 = 31_415_926;

/// SplitMix64: the same numbers on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).expect("it is below a usize")
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

fn object(fields: Vec<(&str, Type)>) -> Type {
    let fields = fields.into_iter().map(|(name, ty)| (Text::new(name), ty)).collect();
    Type::new(Shape::Object(Arc::new(ObjectType { fields, open: false })))
}

/// The variables that every expression can use.
fn variables() -> Vec<(&'static str, Type)> {
    let name = Type::STRING.with_personal(Personal::NAME);
    let line = object(vec![("sku", Type::STRING), ("price", Type::NUMBER), ("note", Type::STRING.maybe_empty(true))]);
    let person = object(vec![("name", name.clone()), ("number", Type::NUMBER.with_personal(Personal::IDENTIFIER)), ("team", Type::STRING)]);
    vec![
        ("text", Type::STRING),
        ("amount", Type::NUMBER),
        ("won", Type::BOOLEAN),
        ("at", Type::DATETIME),
        ("email", name.clone().maybe_empty(true)),
        ("note", Type::STRING.maybe_empty(true)),
        ("value", Type::NUMBER.maybe_empty(true)),
        ("flag", Type::BOOLEAN.maybe_empty(true)),
        ("lines", Type::array(line)),
        ("tags", Type::array(Type::STRING)),
        ("names", Type::array(name)),
        ("rows", Type::array(Type::array(Type::NUMBER).maybe_empty(true))),
        ("owner", person.clone().maybe_empty(true)),
        ("people", Type::array(person)),
        ("stages", Type::new(Shape::Mapping)),
        ("agent", Type::new(Shape::Identity(IdentityKind::Agent, Personal::NAME))),
        ("extra", Type::ANY),
    ]
}

/// A value of a type.
fn value(random: &mut Random, ty: &Type, personal: bool) -> Value {
    let personal = personal || !ty.personal.is_none();
    if ty.may_be_empty && random.chance(30) {
        return Value::Null;
    }
    match &ty.shape {
        Shape::String if personal => {
            Value::text(*random.pick(&["§", " Jan §", "jan§@example.com", "\"§\"", "[\"§\", 1]", "{\"name\": \"§\"}", "06§12345678"]))
        }
        Shape::String => {
            Value::text(*random.pick(&["", "won", "5", "1.5", "2026-03-01", "a,b,,c", "Jan Jansen", "s1", "+31201234567", "[1]", "x"]))
        }
        Shape::Number if personal => Value::from(PERSONAL_NUMBER),
        Shape::Number => {
            let digits = *random.pick(&[0, 1, -1, 5, 25, 1_000, 123_456_789]);
            Value::Number(Decimal::new(digits, u32::try_from(random.below(3)).expect("a small number")))
        }
        Shape::Boolean => Value::Boolean(random.chance(50)),
        Shape::Datetime => {
            let seconds = i64::try_from(random.next() % 4_000_000_000).expect("it is below that");
            Value::Datetime(Instant::from_second(seconds).expect("an instant"))
        }
        Shape::Array(item) => {
            let length = random.below(4);
            Value::list((0..length).map(|_| value(random, item, personal)))
        }
        Shape::Object(object) => Value::object(object.fields.iter().map(|(name, ty)| (name.clone(), value(random, ty, personal)))),
        Shape::Mapping => Value::object([("s1", Value::from("Lead")), ("5", "Won".into()), ("", "None".into())]),
        Shape::Identity(kind, _) => Value::Identity(Arc::new(salesdash_value::Identity {
            kind: *kind,
            id: salesdash_value::Id([7; 16]),
            external_id: "u1".into(),
            external_name: "§".into(),
        })),
        _ => match random.below(6) {
            0 => Value::from("anything"),
            1 => Value::from(3),
            2 => Value::Boolean(true),
            3 => Value::list([Value::from(1), "x".into(), Value::Null]),
            4 => Value::object([("id", Value::from("x")), ("name", Value::Null)]),
            _ => Value::BigNumber("1e99".into()),
        },
    }
}

/// Whether a value is of a type.
fn conforms(value: &Value, ty: &Type) -> bool {
    match (&ty.shape, value) {
        (Shape::Invalid, _) => true,
        (_, Value::Null) => ty.may_be_empty,
        (Shape::Any, _)
        | (Shape::String, Value::Text(_))
        | (Shape::Number, Value::Number(_))
        | (Shape::Boolean, Value::Boolean(_))
        | (Shape::Datetime, Value::Datetime(_)) => true,
        (Shape::Array(item), Value::List(items)) => items.iter().all(|value| conforms(value, item)),
        (Shape::Mapping, Value::Object(fields)) => fields.iter().all(|(_, value)| matches!(value, Value::Text(_))),
        (Shape::Object(object), Value::Object(_)) => {
            object.fields.iter().all(|(name, ty)| conforms(value.get(name).unwrap_or(&Value::Null), ty))
        }
        (Shape::Identity(kind, _), Value::Identity(identity)) => identity.kind == *kind,
        _ => false,
    }
}

/// The paths that can be read, with their types.
fn paths(variables: &[(Text, Type)]) -> Vec<(String, Type)> {
    let mut paths = Vec::new();
    for (name, ty) in variables {
        paths.push((name.to_string(), ty.clone()));
        if let Shape::Object(object) = &ty.shape {
            for (field, inner) in &object.fields {
                let may_be_empty = ty.may_be_empty || inner.may_be_empty;
                paths.push((format!("{name}.{field}"), inner.clone().maybe_empty(may_be_empty)));
            }
        }
    }
    paths
}

/// Whether everything about a type is known.
fn is_known(ty: &Type) -> bool {
    match &ty.shape {
        Shape::Any | Shape::Invalid => false,
        Shape::Array(item) => is_known(item),
        Shape::Object(object) => object.fields.iter().all(|(_, ty)| is_known(ty)),
        _ => true,
    }
}

/// Makes expressions.
struct Maker {
    random: Random,
    names: u32,
    /// Whether the type of every part must be known.
    known: bool,
}

impl Maker {
    /// An expression in a place that takes this.
    fn expression(&mut self, depth: u32, accepts: Accepts, scope: &[(Text, Type)]) -> Value {
        for _ in 0..TRIES {
            let made = self.any_expression(depth, accepts, scope);
            let ty = type_of(&made, scope);
            let fits = accepts == Accepts::ANY || ty.base().is_some_and(|base| accepts.contains(base));
            if fits && (is_known(&ty) || !self.known) {
                return made;
            }
        }
        Value::object([("type", Value::from("literal")), ("value", self.literal(accepts))])
    }

    fn any_expression(&mut self, depth: u32, accepts: Accepts, scope: &[(Text, Type)]) -> Value {
        if depth == 0 || self.random.chance(20) {
            if self.random.chance(70) {
                let mut paths = paths(scope);
                paths.retain(|(_, ty)| ty.base().is_none_or(|base| accepts.contains(base)));
                if !paths.is_empty() {
                    let (path, _) = self.random.pick(&paths);
                    return Value::object([("type", Value::from("var")), ("var", Value::text(path))]);
                }
            }
            return Value::object([("type", Value::from("literal")), ("value", self.literal(accepts))]);
        }
        let word = self.random.pick(vocabulary().expressions());
        self.call(word.meta(), depth, scope)
    }

    fn literal(&mut self, accepts: Accepts) -> Value {
        let fitting = [
            (Accepts::STRING, Value::from("s1")),
            (Accepts::STRING, Value::from("5")),
            (Accepts::NUMBER, Value::from(1)),
            (Accepts::NUMBER, Value::from(-2)),
            (Accepts::BOOLEAN, Value::Boolean(true)),
            (Accepts::ARRAY, Value::list([Value::from("s1"), "x".into()])),
            (Accepts::OBJECT, Value::object([("id", Value::from("x"))])),
            (Accepts::ANY, Value::Null),
        ];
        let fitting: Vec<_> = fitting.into_iter().filter(|(base, _)| accepts.intersects(*base)).collect();
        if fitting.is_empty() { Value::Null } else { self.random.pick(&fitting).1.clone() }
    }

    fn call(&mut self, meta: &'static ExpressionMeta, depth: u32, scope: &[(Text, Type)]) -> Value {
        let mut node = vec![(Text::new_static("type"), Value::from(meta.name))];
        let mut inner = scope.to_vec();
        let mut list = Type::INVALID;
        for argument in meta.arguments {
            if !argument.required && self.random.chance(50) {
                continue;
            }
            let made = match &argument.kind {
                ArgumentKind::Expression => {
                    let made = self.expression(depth - 1, argument.accepts, &inner);
                    if argument.name == "list" {
                        list = type_of(&made, &inner);
                    }
                    made
                }
                ArgumentKind::Expressions(least) => {
                    let count = least + self.random.below(3);
                    Value::list((0..count).map(|_| self.expression(depth - 1, argument.accepts, &inner)).collect::<Vec<_>>())
                }
                ArgumentKind::Literal(kind) => self.steering(kind, argument, &list),
                ArgumentKind::Name => {
                    self.names += 1;
                    let name = Text::from(format!("item_{}", self.names));
                    inner.push((name.clone(), list.item()));
                    Value::Text(name)
                }
            };
            node.push((Text::new_static(argument.name), made));
        }
        Value::Object(node.into())
    }

    /// A literal that steers an expression.
    fn steering(&mut self, kind: &Literal, argument: &Argument, list: &Type) -> Value {
        match kind {
            Literal::Json => self.literal(Accepts::ANY),
            Literal::Text if argument.name == "country" => Value::from("NL"),
            Literal::Text => Value::from(*self.random.pick(&[",", "."])),
            Literal::Choice(choices) => Value::from(*self.random.pick(choices)),
            Literal::Boolean => Value::Boolean(self.random.chance(50)),
            Literal::Integer(least, most) => {
                Value::from((*least).max(0) + i64::try_from(self.random.next() % 3).expect("small")).min_with(*most)
            }
            Literal::Path => match &list.item().shape {
                Shape::Object(object) => Value::Text(self.random.pick(&object.fields).0.clone()),
                _ => Value::from(*self.random.pick(&["id", "name", "note", "external_name"])),
            },
            Literal::Pattern => Value::from(*self.random.pick(&["a(.)", "^[0-9]+$", "(§|n)"])),
            Literal::Timezone => Value::from("Europe/Amsterdam"),
            Literal::DateFormat => Value::from("%Y-%m-%d"),
            Literal::Variable | Literal::FieldName => Value::from("text"),
        }
    }
}

/// A number that is at most another.
trait MinWith {
    fn min_with(self, most: i64) -> Self;
}

impl MinWith for Value {
    fn min_with(self, most: i64) -> Self {
        if self.as_number().is_some_and(|number| number > most.into()) { Self::from(most) } else { self }
    }
}

fn borrowed(scope: &[(Text, Type)]) -> Vec<(&str, Type)> {
    scope.iter().map(|(name, ty)| (name.as_str(), ty.clone())).collect()
}

fn type_of(node: &Value, scope: &[(Text, Type)]) -> Type {
    check_expression(node, vocabulary(), &borrowed(scope)).ty
}

/// Whether a result holds any of the personal data.
fn leaks(text: &str) -> bool {
    text.contains(TOKEN) || text.contains(&PERSONAL_NUMBER.to_string())
}

#[test]
fn what_is_accepted_runs_and_keeps_personal_data_in() {
    let all: Vec<(Text, Type)> = variables().into_iter().map(|(name, ty)| (Text::new(name), ty)).collect();
    let known: Vec<_> = all.iter().filter(|(_, ty)| is_known(ty)).cloned().collect();
    let mut maker = Maker { random: Random(1), names: 0, known: false };
    let mut accepted = 0;
    let mut problems = Vec::new();
    for number in 0..EXPRESSIONS {
        maker.known = number % 2 == 0;
        let scope = if maker.known { known.clone() } else { all.clone() };
        let node = maker.any_expression(DEPTH, Accepts::ANY, &scope);
        let checked = check_expression(&node, vocabulary(), &borrowed(&scope));
        // A comparison of different types is always false, and no danger.
        let silent = checked.diagnostics.iter().all(|each| each.severity == Severity::Warning && each.code.code == "E205");
        accepted += u64::from(silent);
        for _ in 0..DATA {
            let values: Vec<Value> = scope.iter().map(|(_, ty)| value(&mut maker.random, ty, false)).collect();
            let result = with_context(|context| checked.plan.evaluate_expression(&values, context));
            let problem = match &result {
                Ok(value) if silent && !conforms(value, &checked.ty) => {
                    Some(format!("gives {value:?}, which is not of type {:?}", checked.ty))
                }
                Ok(value) if silent && checked.ty.all_personal().is_none() && leaks(&json::to_string(value)) => {
                    Some(format!("gives personal data as {:?}", checked.ty))
                }
                // Where a type is not known, a path into it and a null in it show when it runs.
                Err(fault) if !maker.known && matches!(fault.code.code, "E202" | "E206") => None,
                Err(fault) if silent && fault.code.code < "E500" => {
                    Some(format!("is accepted, and fails with {}: {}", fault.code.code, fault.text))
                }
                Err(fault) if leaks(&fault.text) => Some(format!("tells personal data: {}", fault.text)),
                _ => None,
            };
            if let Some(problem) = problem {
                let data: Vec<String> = scope.iter().zip(&values).map(|((name, _), value)| format!("{name} = {value:?}")).collect();
                problems.push(format!("{}\n  {problem}\n  with {}", json::to_string(&node), data.join(", ")));
                break;
            }
        }
    }
    problems.sort_by_key(String::len);
    assert!(
        problems.is_empty(),
        "{} of {EXPRESSIONS}, the shortest first:\n{}",
        problems.len(),
        problems[..problems.len().min(5)].join("\n")
    );
    // Else the test would say nothing.
    assert!(accepted > EXPRESSIONS / 10, "only {accepted} of {EXPRESSIONS} are accepted");
}
