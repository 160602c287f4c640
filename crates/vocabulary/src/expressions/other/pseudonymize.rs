use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::codes;
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin, Role};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::{Text, Value, number};

/// `pseudonymize`: a keyed hash in the place of personal data.
pub struct Pseudonymize;

static META: ExpressionMeta = ExpressionMeta {
    name: "pseudonymize",
    group: Group::Other,
    origin: Origin::Ours,
    summary: "A keyed hash in the place of personal data",
    phrase: "hash of {value}",
    docs: "Gives `hmac:` and 64 hexadecimal digits: the HMAC-SHA256, under the key of the tenant, of the text without the space around it \
           and with all letters small. Equal texts give equal hashes, so contacts still match, and nobody can read back what was hashed. \
           A value that has that form already is kept as it is, so hashing twice does no harm; `contact_key` makes the same hash. A number \
           is hashed by its plain text. Put e-mail addresses and phone numbers in `normalize_email` or `normalize_phone` first where they \
           are written in several ways. The result is not personal, so it may stand in an external id. Null is an error, and so is a \
           text with nothing in it: all contacts without one would become one contact.",
    arguments: &[Argument::required("value", Accepts::STRING_OR_NUMBER, "The personal data")],
    returns: "The hash, not personal",
    gives: Accepts::STRING,
    search_terms: &["hash", "anonymize", "gdpr", "privacy", "protect", "contact key"],
    roles: &[Role::Protects],
    examples: &[
        Example {
            title: "However it is written",
            node: r#"{"type": "equals", "left": {"type": "pseudonymize", "value": {"type": "literal", "value": " Kim@Example.com"}}, "right": {"type": "pseudonymize", "value": {"type": "literal", "value": "kim@example.com"}}}"#,
            given: "",
            gives: Gives::Value("true"),
        },
        Example {
            title: "What is a hash already is kept",
            node: r#"{"type": "pseudonymize", "value": {"type": "literal", "value": "hmac:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}}"#,
            given: "",
            gives: Gives::Value(r#""hmac:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef""#),
        },
        Example {
            title: "A number as its text",
            node: r#"{"type": "equals", "left": {"type": "pseudonymize", "value": {"type": "literal", "value": 42.0}}, "right": {"type": "pseudonymize", "value": {"type": "literal", "value": "42"}}}"#,
            given: "",
            gives: Gives::Value("true"),
        },
        Example {
            title: "Nothing to hash",
            node: r#"{"type": "pseudonymize", "value": {"type": "literal", "value": " "}}"#,
            given: "",
            gives: Gives::Error("E517"),
        },
        Example {
            title: "Null",
            node: r#"{"type": "pseudonymize", "value": {"type": "var", "var": "email"}}"#,
            given: r#"{"email": null}"#,
            gives: Gives::Error("E202"),
        },
    ],
};

impl Expression for Pseudonymize {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, _check: &mut ExpressionCheck<'_, '_>) -> Typed {
        Type::STRING.into()
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let text = match call.accepted(0)? {
            Value::Number(number) => number::plain(number),
            Value::Text(text) => text,
            _ => Text::default(),
        };
        if text.chars().all(char::is_whitespace) {
            let text = format!("`{}` is an empty text, and all contacts without one would become one", call.label(0));
            return Err(call.fault(&codes::EMPTY_TEXT, 0, text));
        }
        Ok(Value::Text(call.context().key.hash(&text)))
    }
}

#[cfg(test)]
mod tests {
    use salesdash_language::identity::is_hashed;
    use salesdash_language::types::Personal;

    use super::*;
    use crate::testing::{checked, evaluate};

    #[test]
    fn the_result_is_a_hash_and_not_personal() {
        let node = r#"{"type": "pseudonymize", "value": {"type": "var", "var": "a"}}"#;
        assert_eq!(checked(node, &[("a", Type::STRING.with_personal(Personal::EMAIL))]).ty, Type::STRING);
        let hash = evaluate(node, r#"{"a": "kim@example.com"}"#).expect("a hash");
        assert!(hash.as_text().is_some_and(is_hashed));
        assert_ne!(hash, evaluate(node, r#"{"a": "jan@example.com"}"#).expect("a hash"));
    }
}
