use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::Accepts;
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

use super::several;
use crate::expressions::exact;

/// `sum`: adds numbers.
pub struct Sum;

static META: ExpressionMeta = ExpressionMeta {
    name: "sum",
    group: Group::Numbers,
    origin: Origin::Documented,
    summary: "Adds numbers",
    phrase: "[{arguments| + }][sum of {list}]",
    docs: "Adds the numbers up. The numbers are either the `arguments`, or the items of the one `list`, for instance of a `map`; \
           giving both or neither is refused. The sum of nothing is 0. Null among the numbers is an error, and so is a text: \
           `parse_number` reads it. Results are exact to 28 digits: a longer fraction is rounded at the last digit that fits, \
           half away from zero, and a whole part that needs more than 28 digits is an error (`E502`). Nothing is rounded before \
           all are added, so the order makes no difference.",
    arguments: several::ARGUMENTS,
    returns: "The sum",
    gives: Accepts::NUMBER,
    search_terms: &["add", "plus", "total", "+", "addition"],
    roles: &[],
    examples: &[
        Example {
            title: "Arguments",
            node: r#"{"type": "sum", "arguments": [{"type": "var", "var": "net"}, {"type": "var", "var": "tax"},
                      {"type": "literal", "value": 0.30}]}"#,
            given: r#"{"net": 0.1, "tax": 0.2}"#,
            gives: Gives::Value("0.6"),
        },
        Example {
            title: "A list",
            node: r#"{"type": "sum", "list": {"type": "var", "var": "amounts"}}"#,
            given: r#"{"amounts": [10, 20.5, -0.5]}"#,
            gives: Gives::Value("30"),
        },
        Example {
            title: "Nothing",
            node: r#"{"type": "sum", "list": {"type": "literal", "value": []}}"#,
            given: "",
            gives: Gives::Value("0"),
        },
        Example {
            title: "A null among them",
            node: r#"{"type": "sum", "list": {"type": "var", "var": "amounts"}}"#,
            given: r#"{"amounts": [10, null]}"#,
            gives: Gives::Error("E202"),
        },
        Example {
            title: "A text is not a number",
            node: r#"{"type": "sum", "arguments": [{"type": "var", "var": "amount"}, {"type": "literal", "value": 1}]}"#,
            given: r#"{"amount": "10"}"#,
            gives: Gives::Refused("E201"),
        },
        Example { title: "Neither arguments nor a list", node: r#"{"type": "sum"}"#, given: "", gives: Gives::Refused("E114") },
    ],
};

impl Expression for Sum {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        several::check(check, META.name)
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let mut total = exact::Total::default();
        several::each(call, META.name, |number| total.add(number))?;
        total.finish().map(Value::Number).ok_or_else(|| several::out_of_range(META.name))
    }
}

#[cfg(test)]
mod tests {
    use salesdash_language::types::{Personal, Type};

    use crate::testing::{checked, codes, fails};

    const NODE: &str = r#"{"type": "sum", "list": {"type": "var", "var": "a"}}"#;

    #[test]
    fn items_of_the_list_are_checked() {
        let of = |item| codes(NODE, &[("a", Type::array(item))]);
        assert_eq!(of(Type::NUMBER), [""; 0]);
        assert_eq!(of(Type::NUMBER.maybe_empty(true)), ["E202"]);
        assert_eq!(of(Type::ANY), ["E204"]);
        assert_eq!(of(Type::STRING), ["E201"]);
        assert_eq!(of(Type::NULL), ["E202"]);
        assert_eq!(codes(NODE, &[("a", Type::NUMBER)]), ["E201"]);
    }

    #[test]
    fn it_is_personal_where_an_item_is() {
        let ty = checked(NODE, &[("a", Type::array(Type::NUMBER.with_personal(Personal::IDENTIFIER)))]).ty;
        assert_eq!(ty.personal, Personal::IDENTIFIER);
    }

    #[test]
    fn what_cannot_be_added_up_is_an_error() {
        assert_eq!(fails(NODE, r#"{"a": [1, "2"]}"#), "E201");
        assert_eq!(fails(NODE, r#"{"a": [9999999999999999999999999999, 1]}"#), "E502");
        assert_eq!(fails(NODE, r#"{"a": [1, 123456789012345678901234567890]}"#), "E502");
        let both = r#"{"type": "sum", "arguments": [], "list": {"type": "var", "var": "a"}}"#;
        assert_eq!(fails(both, r#"{"a": []}"#), "E114");
    }
}
