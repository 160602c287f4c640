use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

use super::text::{Growing, plain};

/// `concat`: joins values into one text.
pub struct Concat;

static META: ExpressionMeta = ExpressionMeta {
    name: "concat",
    group: Group::Strings,
    origin: Origin::Documented,
    summary: "Joins values into one text",
    phrase: "`{arguments|}`",
    docs: "Writes its arguments one after the other. Strings stand as they are, numbers are written plainly without superfluous \
           zeros (`1500.50` as `1500.5`), datetimes as RFC 3339 in UTC (`2026-03-01T09:30:00Z`), booleans as `true` or `false`. \
           Null is an error, so that a missing part of an external id cannot go unseen: give a value with `coalesce`, or use \
           `implode_with_spaces` for texts that people read. An empty text adds nothing. Lists and objects are refused: `join` \
           joins a list. Of an identity or a record, take `.external_id`. A text that grows larger than an execution may handle \
           is an error.",
    arguments: &[Argument::list("arguments", 1, Accepts::SCALAR, "The parts, in order")],
    returns: "The text",
    gives: Accepts::STRING,
    search_terms: &["join", "combine", "append", "merge", "compose id", "+", "&"],
    roles: &[],
    examples: &[
        Example {
            title: "Composing an external id",
            node: r#"{"type": "concat", "arguments": [{"type": "literal", "value": "won|"}, {"type": "var", "var": "deal.id"}]}"#,
            given: r#"{"deal": {"id": "d-7"}}"#,
            gives: Gives::Value(r#""won|d-7""#),
        },
        Example {
            title: "A number is written plainly",
            node: r#"{"type": "concat", "arguments": [{"type": "literal", "value": "€ "}, {"type": "var", "var": "amount"}]}"#,
            given: r#"{"amount": 1500.50}"#,
            gives: Gives::Value(r#""€ 1500.5""#),
        },
        Example {
            title: "A datetime in UTC",
            node: r#"{"type": "concat", "arguments": [{"type": "var", "var": "id"}, {"type": "literal", "value": "|"},
                      {"type": "parse_datetime", "value": {"type": "var", "var": "at"}}]}"#,
            given: r#"{"id": "d-7", "at": "2026-03-01T10:30:00+01:00"}"#,
            gives: Gives::Value(r#""d-7|2026-03-01T09:30:00Z""#),
        },
        Example {
            title: "A missing part is an error",
            node: r#"{"type": "concat", "arguments": [{"type": "literal", "value": "won|"}, {"type": "var", "var": "deal.id"}]}"#,
            given: r#"{"deal": {"id": null}}"#,
            gives: Gives::Error("E202"),
        },
        Example {
            title: "A list has no plain text",
            node: r#"{"type": "concat", "arguments": [{"type": "var", "var": "tags"}]}"#,
            given: r#"{"tags": ["a", "b"]}"#,
            gives: Gives::Refused("E201"),
        },
    ],
};

impl Expression for Concat {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        check.computed(Type::STRING)
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let mut out = Growing::new(call);
        for index in 0..call.count(0) {
            let part = call.view_item(0, index)?;
            if let Value::Text(text) = &*part {
                out.push(text)?;
                continue;
            }
            let part = plain(part.into_owned()).map_err(|other| call.unfit(0, Some(index), Accepts::SCALAR, &other))?;
            out.push(&part)?;
        }
        Ok(out.finish())
    }
}

#[cfg(test)]
mod tests {
    use salesdash_language::types::{Personal, Shape, Type};
    use salesdash_value::{Value, json};

    use crate::testing::{checked, codes, evaluate, fails};

    #[test]
    fn it_grows_no_further_than_a_text_may() {
        let given = json::to_string(&Value::object([("a", Value::text("x".repeat(600_000)))]));
        let a = r#"{"type": "var", "var": "a"}"#;
        assert!(evaluate(&format!(r#"{{"type": "concat", "arguments": [{a}]}}"#), &given).is_ok());
        assert_eq!(fails(&format!(r#"{{"type": "concat", "arguments": [{a}, {a}]}}"#), &given), "E603");
    }

    #[test]
    fn it_is_personal_where_a_part_is() {
        let node = r#"{"type": "concat", "arguments": [{"type": "var", "var": "a"}, {"type": "var", "var": "b"}]}"#;
        let ty = checked(node, &[("a", Type::STRING), ("b", Type::STRING.with_personal(Personal::EMAIL))]).ty;
        assert_eq!((ty.shape, ty.may_be_empty, ty.personal), (Shape::String, false, Personal::EMAIL));
    }

    #[test]
    fn what_may_be_empty_is_warned_about_and_an_identity_is_mended() {
        let node = r#"{"type": "concat", "arguments": [{"type": "var", "var": "a"}]}"#;
        assert_eq!(codes(node, &[("a", Type::STRING.maybe_empty(true))]), ["E202"]);
        let agent = Type::new(Shape::Identity(salesdash_value::IdentityKind::Agent, Personal::NONE));
        let checked = checked(node, &[("a", agent)]);
        let diagnostic = &checked.diagnostics[0];
        assert_eq!((diagnostic.code.code, diagnostic.fixes[0].title.as_str()), ("E201", "Use `a.external_id`"));
        let mended = diagnostic.fixes[0].patch[0].apply(&crate::testing::parse(node)).expect("the place is there");
        assert_eq!(json::to_string(&mended), r#"{"type":"concat","arguments":[{"type":"var","var":"a.external_id"}]}"#);
    }
}
