use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::codes;
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Literal, Origin, Role};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::{Expression, LiteralProblem, Literals, Prepared};
use salesdash_value::{Decimal, Text, Value};

use crate::expressions::exact;

/// `parse_number`: a text read as a number.
pub struct ParseNumber;

static META: ExpressionMeta = ExpressionMeta {
    name: "parse_number",
    group: Group::Numbers,
    origin: Origin::Ours,
    summary: "Reads a number from a text",
    phrase: "{value} as number",
    docs: "Reads `value` as a number, exactly. White space around it is left out of account, and a `+` or `-` may stand before \
           it. `decimal_separator` stands before the fraction, a point where left out. `thousands_separator`, where one is given, \
           may stand between groups of three digits of the whole part, throughout or not at all; a space stands for no-break \
           spaces too. Anything else is an error (`E503`): letters, currency signs, an exponent, a wrong group, the empty text; \
           take such signs out with `string_replace`. A number of more than 28 digits is an error too (`E502`), not counting \
           zeros at the end of the fraction. Null is an error, and so is what is a number already.",
    arguments: &[
        Argument::required("value", Accepts::STRING, "The text"),
        Argument::option("decimal_separator", Literal::Text, "The sign before the fraction, one character; a point where left out"),
        Argument::option(
            "thousands_separator",
            Literal::Text,
            "The sign between groups of three digits, one character; none where left out",
        ),
    ],
    returns: "The number",
    gives: Accepts::NUMBER,
    search_terms: &["number", "convert", "amount", "currency", "decimal comma", "text to number", "cast"],
    roles: &[Role::Converts { from: Accepts::STRING, to: Accepts::NUMBER }],
    examples: &[
        Example {
            title: "As computers write it",
            node: r#"{"type": "parse_number", "value": {"type": "var", "var": "amount"}}"#,
            given: r#"{"amount": " 1500.50 "}"#,
            gives: Gives::Value("1500.5"),
        },
        Example {
            title: "As the Dutch write it",
            node: r#"{"type": "parse_number", "value": {"type": "literal", "value": "-1.234.567,89"}, "decimal_separator": ",",
                      "thousands_separator": "."}"#,
            given: "",
            gives: Gives::Value("-1234567.89"),
        },
        Example {
            title: "Without being told, it is not guessed",
            node: r#"{"type": "parse_number", "value": {"type": "literal", "value": "1.500,00"}}"#,
            given: "",
            gives: Gives::Error("E503"),
        },
        Example {
            title: "A group of two digits",
            node: r#"{"type": "parse_number", "value": {"type": "literal", "value": "1.50"}, "decimal_separator": ",",
                      "thousands_separator": "."}"#,
            given: "",
            gives: Gives::Error("E503"),
        },
        Example {
            title: "No text at all",
            node: r#"{"type": "parse_number", "value": {"type": "var", "var": "deal.amount"}}"#,
            given: r#"{"deal": {"amount": null}}"#,
            gives: Gives::Error("E202"),
        },
        Example {
            title: "A number already",
            node: r#"{"type": "parse_number", "value": {"type": "literal", "value": 5}}"#,
            given: "",
            gives: Gives::Refused("E201"),
        },
        Example {
            title: "One sign for both",
            node: r#"{"type": "parse_number", "value": {"type": "literal", "value": "5"}, "thousands_separator": "."}"#,
            given: "",
            gives: Gives::Refused("E106"),
        },
    ],
};

impl Expression for ParseNumber {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        check.computed(Type::NUMBER)
    }

    fn prepare(&self, literals: &Literals<'_>) -> Result<Prepared, LiteralProblem> {
        let decimal = separator(literals, "decimal_separator")?;
        let thousands = separator(literals, "thousands_separator")?;
        if decimal.is_none() && thousands.is_none() {
            return Ok(None);
        }
        let separators = Separators { decimal: decimal.unwrap_or('.'), thousands };
        if separators.thousands == Some(separators.decimal) {
            let text = format!("`{}` cannot be both the decimal and the thousands separator; give both", separators.decimal);
            let argument = if decimal.is_some() { "decimal_separator" } else { "thousands_separator" };
            return Err(LiteralProblem { argument, code: &codes::WRONG_LITERAL, text });
        }
        Ok(Some(Box::new(separators)))
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let text = call.view_text(0)?;
        let separators = call.maybe_prepared().copied().unwrap_or(Separators::DEFAULT);
        match read(text.trim(), separators) {
            Ok(number) => Ok(Value::Number(number)),
            Err(problem) => Err(refuse(call, text.into_owned(), separators, problem)),
        }
    }
}

/// The signs in a number.
#[derive(Clone, Copy)]
struct Separators {
    decimal: char,
    thousands: Option<char>,
}

impl Separators {
    const DEFAULT: Self = Self { decimal: '.', thousands: None };

    /// Whether a character separates groups. A space stands for the spaces at which a line does not break as well.
    fn groups(self, char: char) -> bool {
        self.thousands == Some(char) || self.thousands == Some(' ') && matches!(char, '\u{a0}' | '\u{202f}' | '\u{2009}')
    }
}

fn separator(literals: &Literals<'_>, argument: &'static str) -> Result<Option<char>, LiteralProblem> {
    let Some(written) = literals.text(argument) else { return Ok(None) };
    let mut chars = written.chars();
    match (chars.next(), chars.next()) {
        (Some(char), None) if !char.is_alphanumeric() && !matches!(char, '+' | '-') => Ok(Some(char)),
        _ => {
            let text = format!("`{argument}` is one character that is no letter, digit or sign; where there is none, leave it out");
            Err(LiteralProblem { argument, code: &codes::WRONG_LITERAL, text })
        }
    }
}

/// Why a text is no number.
#[derive(Debug, PartialEq)]
enum Problem {
    /// It is not one.
    Unreadable,
    /// It has more than 28 digits.
    TooLong,
}

/// Reads a number without white space around it.
fn read(text: &str, separators: Separators) -> Result<Decimal, Problem> {
    const LIMIT: u128 = 10u128.pow(exact::DIGITS);
    let negative = text.starts_with('-');
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = match unsigned.split_once(separators.decimal) {
        // `.5` is unambiguous, and some databases write it.
        Some((whole, fraction)) if is_digits(fraction) && (whole.is_empty() || is_whole(whole, separators)) => (whole, fraction),
        None if is_whole(unsigned, separators) => (unsigned, ""),
        _ => return Err(Problem::Unreadable),
    };
    let fraction = fraction.trim_end_matches('0');
    let mut digits = 0u128;
    for byte in whole.bytes().chain(fraction.bytes()).filter(u8::is_ascii_digit) {
        digits = digits * 10 + u128::from(byte - b'0');
        if digits >= LIMIT {
            return Err(Problem::TooLong);
        }
    }
    let digits = i128::try_from(digits).map_err(|_| Problem::TooLong)?;
    let scale = u32::try_from(fraction.len()).map_err(|_| Problem::TooLong)?;
    Decimal::try_from_i128_with_scale(if negative { -digits } else { digits }, scale).map_err(|_| Problem::TooLong)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text is digits, or one to three digits and then groups of three.
fn is_whole(text: &str, separators: Separators) -> bool {
    if is_digits(text) {
        return true;
    }
    let mut groups = text.split(|char| separators.groups(char));
    groups.next().is_some_and(|first| is_digits(first) && first.len() <= 3) && groups.all(|group| is_digits(group) && group.len() == 3)
}

#[cold]
fn refuse(call: &Call<'_, '_>, text: Text, separators: Separators, problem: Problem) -> Fault {
    let shown = call.describe(0, &Value::Text(text));
    match problem {
        Problem::TooLong => call.fault(&codes::NUMBER_RANGE, 0, format!("{shown} is a number of more than 28 digits")),
        Problem::Unreadable => {
            let groups = separators.thousands.map_or("no thousands separator".to_owned(), |char| format!("`{char}` between thousands"));
            let text = format!("{shown} cannot be read as a number with `{}` before the fraction and {groups}", separators.decimal);
            call.fault(&codes::NOT_A_NUMBER, 0, text)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use salesdash_language::types::{Personal, Type};
    use salesdash_value::number;

    use super::*;
    use crate::testing::{checked, evaluate, fails, parse, with_context};

    fn check(text: &str, decimal: char, thousands: Option<char>, expected: Result<&str, Problem>) {
        let read = read(text, Separators { decimal, thousands }).map(number::plain);
        assert_eq!(read.as_ref().map(Text::as_str), expected.as_ref().copied(), "{text}");
    }

    #[test]
    fn numbers_are_read_exactly() {
        check("-0.10", '.', None, Ok("-0.1"));
        check("+7", '.', None, Ok("7"));
        check(".5", '.', None, Ok("0.5"));
        check("007", '.', None, Ok("7"));
        check("1234567,8", ',', Some('.'), Ok("1234567.8"));
        check("1.234.567", ',', Some('.'), Ok("1234567"));
        check("1\u{202f}234,5", ',', Some(' '), Ok("1234.5"));
        check("12'500.00", '.', Some('\''), Ok("12500"));
        check("9999999999999999999999999999", '.', None, Ok("9999999999999999999999999999"));
        check("0.0000000000000000000000000001", '.', None, Ok("0.0000000000000000000000000001"));
        check("1.00000000000000000000000000000000000000", '.', None, Ok("1"));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "-", ".", "1.", "1e3", "1_000", "0x1", "--1", "1-", "1 000", "1,5", "€1", "1.2.3", "NaN", "٣", "- 1"] {
            check(text, '.', None, Err(Problem::Unreadable));
        }
        for text in ["1.50", "1234.567", ".123", "1..234", "1.234.", "1,234.5", "1.234,", "1.2345", "1 234"] {
            check(text, ',', Some('.'), Err(Problem::Unreadable));
        }
        check("10000000000000000000000000000", '.', None, Err(Problem::TooLong));
        check("0.00000000000000000000000000001", '.', None, Err(Problem::TooLong));
    }

    #[test]
    fn separators_must_be_one_sign_each() {
        for wrong in ["", "..", "5", "-", "a"] {
            let node =
                format!(r#"{{"type": "parse_number", "value": {{"type": "literal", "value": "1"}}, "decimal_separator": "{wrong}"}}"#);
            assert_eq!(checked(&node, &[]).diagnostics[0].code.code, "E106", "{wrong}");
        }
    }

    #[test]
    fn an_error_shows_the_text_only_where_it_is_known_not_to_be_personal() {
        let node = r#"{"type": "parse_number", "value": {"type": "var", "var": "a"}}"#;
        let error = |ty: Type| {
            let plan = checked(node, &[("a", ty)]).plan;
            with_context(|context| plan.evaluate_expression(&[Value::from("Sam")], context)).expect_err("no number").text
        };
        assert!(error(Type::STRING).starts_with("\"Sam\" cannot be read as a number"));
        assert!(!error(Type::STRING.with_personal(Personal::NAME)).contains("Sam"));
        assert!(!error(Type::ANY).contains("Sam"));
        assert_eq!(fails(node, r#"{"a": true}"#), "E201");
        assert_eq!(fails(node, r#"{"a": "99999999999999999999999999999"}"#), "E502");
        assert_eq!(evaluate(node, r#"{"a": "5"}"#).ok(), Some(parse("5")));
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(digits in any::<i128>(), scale in 0u32..=28) {
            let number = Decimal::from_i128_with_scale(digits % 10i128.pow(exact::DIGITS), scale);
            prop_assert_eq!(read(&number::plain(number), Separators::DEFAULT), Ok(number));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[-+0-9., ]{0,12}") {
            let _ = read(&text, Separators { decimal: ',', thousands: Some('.') });
        }
    }
}
