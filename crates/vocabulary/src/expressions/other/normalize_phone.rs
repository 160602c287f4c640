use phonenumber::country::Id;
use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::codes;
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Literal, Origin};
use salesdash_language::types::{Accepts, Personal, Type};
use salesdash_language::vocabulary::{Expression, LiteralProblem, Literals, Prepared};
use salesdash_value::Value;

use crate::phone;

/// `normalize_phone`: a phone number in E.164 form.
pub struct NormalizePhone;

static META: ExpressionMeta = ExpressionMeta {
    name: "normalize_phone",
    group: Group::Other,
    origin: Origin::Ours,
    summary: "A phone number in E.164 form, so that equal ones match",
    phrase: "phone {value}",
    docs: "Reads a number as people write it (`020-123 45 67`, `+31 (0)20 1234567`, `0031201234567`) and gives its E.164 form: `+`, the \
           country code and the digits. A number without a country code is one of `country`, by default the country of the provider. \
           An extension is left out. What does not read as a number, or has too many or too few digits for its country, is an error: \
           so is one without a country code where no country is known. Whether the number is in use is not checked. Null is an error. \
           The result is personal data, also where the text was not declared as such.",
    arguments: &[
        Argument::required("value", Accepts::STRING, "The number, as text"),
        Argument::option("country", Literal::Text, "The country of numbers without a country code, by its two letters of ISO 3166-1: `NL`"),
    ],
    returns: "The number in E.164 form, personal",
    gives: Accepts::STRING,
    search_terms: &["telephone", "mobile", "e164", "contact", "clean", "call"],
    roles: &[],
    examples: &[
        Example {
            title: "With a country code",
            node: r#"{"type": "normalize_phone", "value": {"type": "var", "var": "phone"}}"#,
            given: r#"{"phone": "+31 (0)20 123 4567"}"#,
            gives: Gives::Value(r#""+31201234567""#),
        },
        Example {
            title: "Of a country",
            node: r#"{"type": "normalize_phone", "value": {"type": "var", "var": "phone"}, "country": "NL"}"#,
            given: r#"{"phone": "020-123 45 67"}"#,
            gives: Gives::Value(r#""+31201234567""#),
        },
        Example {
            title: "Of no country",
            node: r#"{"type": "normalize_phone", "value": {"type": "var", "var": "phone"}}"#,
            given: r#"{"phone": "020-123 45 67"}"#,
            gives: Gives::Error("E508"),
        },
        Example {
            title: "Not a number",
            node: r#"{"type": "normalize_phone", "value": {"type": "var", "var": "phone"}, "country": "NL"}"#,
            given: r#"{"phone": "call me"}"#,
            gives: Gives::Error("E508"),
        },
        Example {
            title: "Not a country",
            node: r#"{"type": "normalize_phone", "value": {"type": "var", "var": "phone"}, "country": "nl"}"#,
            given: r#"{"phone": "020-123 45 67"}"#,
            gives: Gives::Refused("E106"),
        },
    ],
};

impl Expression for NormalizePhone {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        check.computed(Type::STRING.with_personal(Personal::PHONE))
    }

    fn prepare(&self, literals: &Literals<'_>) -> Result<Prepared, LiteralProblem> {
        let Some(code) = literals.text("country") else { return Ok(None) };
        match phone::country(code) {
            Some(country) => Ok(Some(Box::new(country))),
            None => {
                let hint = phone::nearest_country(code).map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default();
                let text = format!("`country` is the two letters of a country in ISO 3166-1, such as \"NL\"{hint}");
                Err(LiteralProblem { argument: "country", code: &codes::WRONG_LITERAL, text })
            }
        }
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let written = call.text(0)?;
        let country = call.maybe_prepared::<Id>().copied().or_else(|| call.context().country.and_then(phone::country));
        match phone::e164(&written, country) {
            Some(number) => Ok(Value::Text(number)),
            None => {
                let hint = if country.is_none() { "; without a `country`, it must begin with `+` and the country code" } else { "" };
                let text = format!("`{}` does not read as a phone number{hint}", call.label(0));
                Err(call.fault(&codes::NOT_A_PHONE, 0, text))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use salesdash_language::evaluate::Context;

    use super::*;
    use crate::testing::{checked, with_context};

    #[test]
    fn the_country_of_the_provider_is_the_default() {
        let checked = checked(r#"{"type": "normalize_phone", "value": {"type": "var", "var": "a"}}"#, &[("a", Type::STRING)]);
        assert_eq!(checked.ty, Type::STRING.with_personal(Personal::PHONE));
        let number = with_context(|context| {
            let context = Context { country: Some("NL"), ..*context };
            checked.plan.evaluate_expression(&["020 123 4567".into()], &context)
        });
        assert_eq!(number.expect("a number"), "+31201234567".into());
    }
}
