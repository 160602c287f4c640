use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::codes;
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::{Accepts, Personal, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

/// `normalize_email`: an e-mail address in one form.
pub struct NormalizeEmail;

static META: ExpressionMeta = ExpressionMeta {
    name: "normalize_email",
    group: Group::Other,
    origin: Origin::Ours,
    summary: "An e-mail address in one form, so that equal ones match",
    phrase: "e-mail {value}",
    docs: "Takes away the space around the address and makes all letters small. What does not look like an address is an error: it needs \
           one `@` with something before it, and a domain with a dot after it, without spaces, commas, brackets or quotes. An address \
           with a name around it, such as `Kim <kim@example.com>`, is one of those: take the address out with `string_between`. Null is \
           an error. The result is personal data, also where the text was not declared as such.",
    arguments: &[Argument::required("value", Accepts::STRING, "The address")],
    returns: "The address, personal",
    gives: Accepts::STRING,
    search_terms: &["mail", "address", "contact", "clean", "lowercase"],
    roles: &[],
    examples: &[
        Example {
            title: "Space and capitals",
            node: r#"{"type": "normalize_email", "value": {"type": "var", "var": "email"}}"#,
            given: r#"{"email": " Kim.Jansen@Example.COM "}"#,
            gives: Gives::Value(r#""kim.jansen@example.com""#),
        },
        Example {
            title: "Not an address",
            node: r#"{"type": "normalize_email", "value": {"type": "var", "var": "email"}}"#,
            given: r#"{"email": "kim"}"#,
            gives: Gives::Error("E509"),
        },
        Example {
            title: "A name around it",
            node: r#"{"type": "normalize_email", "value": {"type": "var", "var": "email"}}"#,
            given: r#"{"email": "Kim <kim@example.com>"}"#,
            gives: Gives::Error("E509"),
        },
        Example {
            title: "No address",
            node: r#"{"type": "normalize_email", "value": {"type": "var", "var": "email"}}"#,
            given: r#"{"email": null}"#,
            gives: Gives::Error("E202"),
        },
    ],
};

/// The longest address, in bytes: what RFC 5321 leaves of a path of 256.
const MAX_LENGTH: usize = 254;

/// Whether a text looks like an e-mail address.
fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let strange = |c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '@' | ',' | ';' | ':' | '<' | '>' | '(' | ')' | '[' | ']' | '"' | '\\')
    };
    !local.is_empty()
        && text.len() <= MAX_LENGTH
        && !local.contains(strange)
        && !domain.contains(strange)
        && domain.contains('.')
        && domain.split('.').all(|label| !label.is_empty())
}

impl Expression for NormalizeEmail {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        check.computed(Type::STRING.with_personal(Personal::EMAIL))
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let address = call.text(0)?.trim().to_lowercase();
        if is_address(&address) {
            Ok(Value::text(address))
        } else {
            let text = format!("`{}` does not read as an e-mail address", call.label(0));
            Err(call.fault(&codes::NOT_AN_EMAIL, 0, text))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::checked;

    #[test]
    fn addresses_and_others() {
        for text in ["a@b.co", "first.last+tag@sub.example.com", "jörg@münchen.de", "o'neil@example.ie"] {
            assert!(is_address(text), "{text}");
        }
        for text in ["", "a", "@b.co", "a@", "a@b", "a@b.", "a@.co", "a@b..co", "a@b@c.co", "a b@c.co", "a@c.co, d@e.co", "a@[1.2.3.4]"] {
            assert!(!is_address(text), "{text}");
        }
        assert!(!is_address(&format!("{}@example.com", "a".repeat(MAX_LENGTH))));
    }

    #[test]
    fn the_result_is_personal_whatever_it_was_made_of() {
        let ty = |ty: Type| checked(r#"{"type": "normalize_email", "value": {"type": "var", "var": "a"}}"#, &[("a", ty)]).ty;
        assert_eq!(ty(Type::STRING), Type::STRING.with_personal(Personal::EMAIL));
        assert_eq!(ty(Type::STRING.with_personal(Personal::NAME)).personal, Personal::EMAIL.and(Personal::NAME));
    }
}
