use regex::Regex;
use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::codes;
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Literal, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::{Expression, LiteralProblem, Literals, Prepared};
use salesdash_value::{Text, Value};

use super::pattern;

/// `extract`: the part of a text that matches a pattern.
pub struct Extract;

static META: ExpressionMeta = ExpressionMeta {
    name: "extract",
    group: Group::Strings,
    origin: Origin::Ours,
    summary: "The part of a text that matches a pattern",
    phrase: "{pattern} out of {value}",
    docs: concat!(
        "Gives the first part of `value` that the pattern matches, or of that part the `group` that is wanted: by its number (groups are \
         counted by their opening brackets, from 1; 0 is the whole match, as where it is left out) or by its name (`(?<name>…)`). \
         Without a match, or where the group took no part in it, the result is null, so it may be empty; it can be the empty text, \
         too. ",
        pattern::syntax!(),
        " Null for `value` is an error."
    ),
    arguments: &[
        Argument::required("value", Accepts::STRING, "The text to look in"),
        Argument::literal("pattern", Literal::Pattern, "The regular expression"),
        Argument::option("group", Literal::Json, "The number or the name of a group; the whole match where left out"),
    ],
    returns: "The matching part, or null where there is none",
    gives: Accepts::STRING,
    search_terms: &["regex", "regular expression", "capture", "group", "find", "parse", "match"],
    roles: &[],
    examples: &[
        Example {
            title: "The whole match",
            node: r#"{"type": "extract", "value": {"type": "var", "var": "title"}, "pattern": "[A-Z]{2}-\\d+"}"#,
            given: r#"{"title": "Renewal NL-17 and NL-18"}"#,
            gives: Gives::Value(r#""NL-17""#),
        },
        Example {
            title: "A group by its number",
            node: r#"{"type": "extract", "value": {"type": "var", "var": "title"}, "pattern": "([A-Z]{2})-(\\d+)", "group": 2}"#,
            given: r#"{"title": "Renewal NL-17"}"#,
            gives: Gives::Value(r#""17""#),
        },
        Example {
            title: "A group by its name",
            node: r#"{"type": "extract", "value": {"type": "var", "var": "title"}, "pattern": "(?<country>[A-Z]{2})-\\d+",
                      "group": "country"}"#,
            given: r#"{"title": "Renewal NL-17"}"#,
            gives: Gives::Value(r#""NL""#),
        },
        Example {
            title: "No match",
            node: r#"{"type": "extract", "value": {"type": "literal", "value": "abc"}, "pattern": "\\d+"}"#,
            given: "",
            gives: Gives::Value("null"),
        },
        Example {
            title: "No text at all",
            node: r#"{"type": "extract", "value": {"type": "var", "var": "deal.title"}, "pattern": "a"}"#,
            given: r#"{"deal": {"title": null}}"#,
            gives: Gives::Error("E202"),
        },
        Example {
            title: "No such group",
            node: r#"{"type": "extract", "value": {"type": "literal", "value": "abc"}, "pattern": "(a)", "group": 2}"#,
            given: "",
            gives: Gives::Refused("E106"),
        },
    ],
};

impl Expression for Extract {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        check.computed(Type::STRING.maybe_empty(true))
    }

    fn prepare(&self, literals: &Literals<'_>) -> Result<Prepared, LiteralProblem> {
        let regex = pattern::compile(literals)?;
        let group = match literals.get("group") {
            None => 0,
            Some(wanted) => group(&regex, wanted)?,
        };
        Ok(Some(Box::new(Part { regex, group })))
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let value = pattern::read(call, 0)?;
        let Part { regex, group } = call.prepared::<Part>();
        // Finding the whole match takes much less than finding the groups.
        let found = match group {
            0 => regex.find(&value),
            group => regex.captures(&value).and_then(|captures| captures.get(*group)),
        };
        Ok(found.map(|found| Text::new(found.as_str())).into())
    }
}

/// A compiled pattern, and the group of it that is wanted.
struct Part {
    regex: Regex,
    group: usize,
}

fn group(regex: &Regex, wanted: &Value) -> Result<usize, LiteralProblem> {
    let found = match wanted {
        Value::Number(number) => usize::try_from(*number).ok().filter(|group| number.is_integer() && *group < regex.captures_len()),
        Value::Text(name) => regex.capture_names().position(|known| known == Some(name)),
        _ => None,
    };
    found.ok_or_else(|| {
        let names: Vec<String> = regex.capture_names().flatten().map(|name| format!("`{name}`")).collect();
        let named = if names.is_empty() { String::new() } else { format!(", or the name of one: {}", names.join(", ")) };
        let text =
            format!("`group` is the number of a group of the pattern, from 0 (the whole match) to {}{named}", regex.captures_len() - 1);
        LiteralProblem { argument: "group", code: &codes::WRONG_LITERAL, text }
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::{checked, evaluate};

    fn extract(pattern: &str, group: &str) -> String {
        format!(r#"{{"type": "extract", "value": {{"type": "var", "var": "a"}}, "pattern": "{pattern}", "group": {group}}}"#)
    }

    #[test]
    fn a_group_that_took_no_part_is_null_and_one_can_be_empty() {
        assert_eq!(evaluate(&extract("a(b)?", "1"), r#"{"a": "ac"}"#).ok(), Some(salesdash_value::Value::Null));
        assert_eq!(evaluate(&extract("a(b*)", "1"), r#"{"a": "ac"}"#).ok(), Some("".into()));
    }

    #[test]
    fn a_group_that_is_not_there_is_refused_with_those_that_are() {
        for wrong in ["3", "-1", "1.5", r#""other""#, "true"] {
            let diagnostic =
                checked(&extract("(?<day>a)(b)", wrong), &[("a", salesdash_language::types::Type::STRING)]).diagnostics.remove(0);
            assert_eq!((diagnostic.code.code, diagnostic.pointer.as_str()), ("E106", "/group"), "{wrong}");
            assert!(diagnostic.text.ends_with("to 2, or the name of one: `day`"), "{}", diagnostic.text);
        }
    }
}
