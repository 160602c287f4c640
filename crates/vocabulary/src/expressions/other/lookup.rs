use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::codes;
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::{Value, number};

/// `lookup`: what a mapping has for a key.
pub struct Lookup;

static META: ExpressionMeta = ExpressionMeta {
    name: "lookup",
    group: Group::Other,
    origin: Origin::Ours,
    summary: "What a mapping has for a key",
    phrase: "{key} in {mapping}[ or else {default}]",
    docs: "Gives the text that the mapping has for the key. Mappings are constants, valued on each link between a source and a \
           processor, so that one spec serves many sources; an object whose values are all texts serves as one. Keys are texts and \
           compared with regard to case; a number is looked up by its plain text (`5.0` as `5`). Where the mapping has no such key \
           the result is `default`, which is evaluated only then and may be null; without a default that is an error, so that a new \
           stage or user does not go unseen. A key that is null is an error, default or not.",
    arguments: &[
        Argument::required("mapping", Accepts::MAPPING, "The mapping"),
        Argument::required("key", Accepts::STRING_OR_NUMBER, "The key that is looked up"),
        Argument::optional("default", Accepts::ANY, "What to give where the mapping has no such key").nullable(),
    ],
    returns: "The text that the mapping has, or the default",
    gives: Accepts::ANY,
    search_terms: &["mapping", "translate", "dictionary", "table", "switch", "vlookup"],
    roles: &[],
    examples: &[
        Example {
            title: "A known key",
            node: r#"{"type": "lookup", "mapping": {"type": "var", "var": "stages"}, "key": {"type": "var", "var": "stage"}}"#,
            given: r#"{"stages": {"s1": "Lead", "s2": "Won"}, "stage": "s2"}"#,
            gives: Gives::Value(r#""Won""#),
        },
        Example {
            title: "A number as the key",
            node: r#"{"type": "lookup", "mapping": {"type": "var", "var": "stages"}, "key": {"type": "literal", "value": 7.0}}"#,
            given: r#"{"stages": {"7": "Won"}}"#,
            gives: Gives::Value(r#""Won""#),
        },
        Example {
            title: "An unknown key with a default",
            node: r#"{"type": "lookup", "mapping": {"type": "var", "var": "stages"}, "key": {"type": "literal", "value": "s9"}, "default": {"type": "literal", "value": "Other"}}"#,
            given: r#"{"stages": {"s1": "Lead"}}"#,
            gives: Gives::Value(r#""Other""#),
        },
        Example {
            title: "An unknown key without a default",
            node: r#"{"type": "lookup", "mapping": {"type": "var", "var": "stages"}, "key": {"type": "literal", "value": "s9"}}"#,
            given: r#"{"stages": {"s1": "Lead"}}"#,
            gives: Gives::Error("E505"),
        },
        Example {
            title: "No key",
            node: r#"{"type": "lookup", "mapping": {"type": "var", "var": "stages"}, "key": {"type": "var", "var": "stage"}, "default": {"type": "literal", "value": "Other"}}"#,
            given: r#"{"stages": {"s1": "Lead"}, "stage": null}"#,
            gives: Gives::Error("E202"),
        },
        Example {
            title: "A mapping holds texts",
            node: r#"{"type": "lookup", "mapping": {"type": "literal", "value": {"a": 1}}, "key": {"type": "literal", "value": "a"}}"#,
            given: "",
            gives: Gives::Refused("E201"),
        },
    ],
};

impl Expression for Lookup {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        check.argument("mapping");
        check.argument("key");
        let ty = if check.has("default") { Type::STRING.union(&check.argument("default").ty) } else { Type::STRING };
        check.computed(ty)
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let mapping = call.object(0)?;
        let written = call.accepted(1)?;
        let key = match &written {
            Value::Number(number) => &number::plain(*number),
            other => other.as_text().unwrap_or_default(),
        };
        match mapping.iter().find(|(known, _)| known == key).map(|(_, value)| value) {
            Some(Value::Text(text)) => Ok(Value::Text(text.clone())),
            Some(other) if !other.is_null() => {
                let text = format!("`{}` has {} for this key, and a mapping holds texts", call.label(0), other.kind_name());
                Err(call.fault(&codes::TYPE_MISMATCH, 0, text))
            }
            _ if call.has(2) => call.value(2),
            _ => {
                let text = format!(
                    "`{}` has nothing for {}: add it to the mapping, or give a `default`",
                    call.label(0),
                    call.describe(1, &written)
                );
                Err(call.fault(&codes::UNKNOWN_LOOKUP, 1, text))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use salesdash_language::types::{Personal, Shape, Type};

    use crate::testing::{checked, evaluate, fails, parse, with_context};

    const NODE: &str = r#"{"type": "lookup", "mapping": {"type": "var", "var": "users"}, "key": {"type": "var", "var": "key"}}"#;

    #[test]
    fn what_is_looked_up_by_personal_data_is_personal() {
        let mapping = Type::new(Shape::Mapping);
        let email = Type::STRING.with_personal(Personal::EMAIL);
        assert_eq!(checked(NODE, &[("users", mapping.clone()), ("key", email.clone())]).ty, email);
        assert_eq!(checked(NODE, &[("users", mapping), ("key", Type::NUMBER)]).ty, Type::STRING);
    }

    #[test]
    fn the_default_tells_whether_it_may_be_empty() {
        let node = r#"{"type": "lookup", "mapping": {"type": "var", "var": "users"}, "key": {"type": "var", "var": "key"}, "default": {"type": "literal", "value": null}}"#;
        let ty = checked(node, &[("users", Type::new(Shape::Mapping)), ("key", Type::STRING)]).ty;
        assert_eq!(ty, Type::STRING.maybe_empty(true));
        assert!(evaluate(node, r#"{"users": {"a": "b"}, "key": "c"}"#).expect("a value").is_null());
    }

    #[test]
    fn a_personal_key_is_not_quoted() {
        let quoted = |ty: Type| {
            let checked = checked(NODE, &[("users", Type::new(Shape::Mapping)), ("key", ty)]);
            let values = [parse(r#"{"u1": "Kim"}"#), "kim@example.com".into()];
            let fault = with_context(|context| checked.plan.evaluate_expression(&values, context)).expect_err("an unknown key");
            assert_eq!(fault.code.code, "E505");
            fault.text.contains("kim@")
        };
        assert!(quoted(Type::STRING));
        assert!(!quoted(Type::STRING.with_personal(Personal::EMAIL)));
        assert!(!quoted(Type::ANY));
    }

    #[test]
    fn a_mapping_holds_texts() {
        assert_eq!(fails(NODE, r#"{"users": {"a": 1}, "key": "a"}"#), "E201");
        assert_eq!(fails(NODE, r#"{"users": {"a": null}, "key": "a"}"#), "E505");
        assert_eq!(fails(NODE, r#"{"users": ["a"], "key": "a"}"#), "E201");
        assert_eq!(fails(NODE, r#"{"users": {"a": "b"}, "key": true}"#), "E201");
    }
}
