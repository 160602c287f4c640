use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::codes;
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

use super::text;
use crate::expressions::whole::{check_whole, whole};

/// `substring`: a part of a text.
pub struct Substring;

static META: ExpressionMeta = ExpressionMeta {
    name: "substring",
    group: Group::Strings,
    origin: Origin::Ours,
    summary: "A part of a text, by position",
    phrase: "{value} from {start}[ for {length}]",
    docs: "Gives `length` characters of `value` from position `start`, counted from 0; without `length`, all up to the end. A \
           negative `start` counts from the end: -3 begins at the third last character. Where fewer characters are left than \
           `length`, it gives those; a `start` outside the text gives the empty text. Positions are whole numbers (else `E516`), \
           and `length` is not negative (else `E513`). Null for any of them is an error.",
    arguments: &[
        Argument::required("value", Accepts::STRING, "The text"),
        Argument::required("start", Accepts::NUMBER, "The position of the first character, from 0; negative: from the end"),
        Argument::optional("length", Accepts::NUMBER, "How many characters; to the end where left out"),
    ],
    returns: "The part, which is empty where the text has no such position",
    gives: Accepts::STRING,
    search_terms: &["slice", "part", "left", "right", "mid", "first characters", "last characters", "cut"],
    roles: &[],
    examples: &[
        Example {
            title: "From the beginning",
            node: r#"{"type": "substring", "value": {"type": "literal", "value": "NL-2026-17"}, "start": {"type": "literal", "value": 0},
                      "length": {"type": "literal", "value": 2}}"#,
            given: "",
            gives: Gives::Value(r#""NL""#),
        },
        Example {
            title: "From the end",
            node: r#"{"type": "substring", "value": {"type": "literal", "value": "NL-2026-17"},
                      "start": {"type": "literal", "value": -2}}"#,
            given: "",
            gives: Gives::Value(r#""17""#),
        },
        Example {
            title: "Fewer are left",
            node: r#"{"type": "substring", "value": {"type": "literal", "value": "abc"}, "start": {"type": "literal", "value": 2},
                      "length": {"type": "literal", "value": 10}}"#,
            given: "",
            gives: Gives::Value(r#""c""#),
        },
        Example {
            title: "Outside the text",
            node: r#"{"type": "substring", "value": {"type": "literal", "value": "abc"}, "start": {"type": "literal", "value": 7}}"#,
            given: "",
            gives: Gives::Value(r#""""#),
        },
        Example {
            title: "Half a character",
            node: r#"{"type": "substring", "value": {"type": "literal", "value": "abc"}, "start": {"type": "var", "var": "n"}}"#,
            given: r#"{"n": 0.5}"#,
            gives: Gives::Error("E516"),
        },
        Example {
            title: "A negative length",
            node: r#"{"type": "substring", "value": {"type": "literal", "value": "abc"}, "start": {"type": "literal", "value": 0},
                      "length": {"type": "literal", "value": -1}}"#,
            given: "",
            gives: Gives::Error("E513"),
        },
    ],
};

impl Expression for Substring {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        check_whole(check, "start");
        check_whole(check, "length");
        check.computed(Type::STRING)
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let value = text::read(call, 0)?;
        let start = whole(call, 1)?;
        let length = if call.has(2) { Some(whole(call, 2)?) } else { None };
        if length.is_some_and(i64::is_negative) {
            return Err(call.fault(&codes::NEGATIVE, 2, "`length` of `substring` cannot be negative"));
        }
        let part = part(&value, start, length);
        Ok(if part.len() == value.len() { Value::Text(value) } else { Value::text(part) })
    }
}

fn part(value: &str, start: i64, length: Option<i64>) -> &str {
    let ascii = value.is_ascii();
    let count = i64::try_from(if ascii { value.len() } else { value.chars().count() }).unwrap_or(i64::MAX);
    let from = if start < 0 { count.saturating_add(start) } else { start };
    if from < 0 || from >= count {
        return "";
    }
    let to = length.map_or(count, |length| from.saturating_add(length).min(count));
    // Where each character is one byte, its position is its place.
    let place = |position: i64| {
        let position = usize::try_from(position).unwrap_or(usize::MAX);
        if ascii { position } else { value.char_indices().nth(position).map_or(value.len(), |(place, _)| place) }
    };
    &value[place(from)..place(to)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::part;

    #[test]
    fn positions_are_characters() {
        assert_eq!(part("€uro€", 1, Some(3)), "uro");
        assert_eq!(part("€uro€", -1, None), "€");
        assert_eq!(part("€uro€", -6, None), "");
        assert_eq!(part("€uro€", 0, Some(0)), "");
        assert_eq!(part("", 0, None), "");
        assert_eq!(part("abc", i64::MIN, Some(i64::MAX)), "");
        assert_eq!(part("abc", 1, Some(i64::MAX)), "bc");
    }

    proptest! {
        #[test]
        fn it_is_what_skipping_and_taking_characters_gives(text in "[a-cé€]{0,8}", start in 0usize..10, length in 0usize..10) {
            let expected: String = text.chars().skip(start).take(length).collect();
            prop_assert_eq!(part(&text, start as i64, Some(length as i64)), expected);
        }
    }
}
