//! Lists whose items must all be of one kind.

use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::codes;
use salesdash_language::diagnostics::{Fault, Severity};
use salesdash_language::evaluate::Call;
use salesdash_language::types::{Accepts, Shape};
use salesdash_value::Value;

/// Reports a list whose items are not what `word` takes. What is wrong with the list itself has been reported with the argument.
pub fn check(check: &mut ExpressionCheck<'_, '_>, word: &str, name: &str, accepts: Accepts, list: &Typed) {
    let Shape::Array(item) = &list.ty.shape else { return };
    match item.base() {
        None if item.shape == Shape::Null => {
            let text = format!("the items of the list are null, and `{word}` needs values");
            check.problem(&codes::MAY_BE_EMPTY, Severity::Error, name, text);
        }
        // The items of a list that is written as `[]` are not known either, and there are none to fail on.
        None if item.shape == Shape::Any && list.constant.as_ref().is_none_or(|list| !list.is_empty()) => {
            let text = format!("it is not known before run time whether each item of the list is {accepts}, as `{word}` needs");
            check.problem(&codes::POSSIBLE_MISMATCH, Severity::Warning, name, text);
        }
        Some(base) if !accepts.contains(base) => {
            let text = format!("the list is {}, and `{word}` takes one in which each item is {accepts}", list.ty.with_article());
            check.problem(&codes::TYPE_MISMATCH, Severity::Error, name, text);
        }
        Some(_) if item.may_be_empty => {
            let text = format!("items of the list may be null, and `{word}` needs values");
            check.problem(&codes::MAY_BE_EMPTY, Severity::Warning, name, text);
        }
        _ => {}
    }
}

/// The error for an item of the list in `argument` that is null or not of the wanted type.
pub fn unfit(call: &Call<'_, '_>, word: &str, argument: usize, index: usize, wanted: Accepts, item: &Value) -> Fault {
    let label = call.label(argument);
    match item {
        Value::Null => call.fault(&codes::MAY_BE_EMPTY, argument, format!("item {index} of `{label}` is null, and `{word}` needs a value")),
        Value::BigNumber(_) if wanted.contains(Accepts::NUMBER) => {
            call.fault(&codes::NUMBER_RANGE, argument, format!("item {index} of `{label}` is a number of more than 28 digits"))
        }
        other => call.fault(
            &codes::TYPE_MISMATCH,
            argument,
            format!("item {index} of `{label}` is {}, and `{word}` takes {wanted}", other.kind_name()),
        ),
    }
}
