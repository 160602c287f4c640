//! What the words share that take some numbers: `arguments`, or else a `list`.

use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::codes;
use salesdash_language::diagnostics::{Fault, Severity};
use salesdash_language::evaluate::Call;
use salesdash_language::meta::Argument;
use salesdash_language::types::{Accepts, Type};
use salesdash_value::{Decimal, Value};

use crate::expressions::items;

/// The arguments of each of these words.
pub const ARGUMENTS: &[Argument] = &[
    Argument::list("arguments", 0, Accepts::NUMBER, "The numbers, each an expression; either these or `list`").or_absent(),
    Argument::optional("list", Accepts::ARRAY, "A list of numbers; either this or `arguments`"),
];

const ONE_OF: &str = "takes either `arguments` or `list`";

/// The type rule of each of these words.
pub fn check(check: &mut ExpressionCheck<'_, '_>, word: &str) -> Typed {
    if check.has("arguments") == check.has("list") {
        let what = if check.has("list") { "not both" } else { "and has neither" };
        check.problem_here(&codes::NEEDS_ONE_OF, Severity::Error, format!("`{word}` {ONE_OF}, {what}"));
    }
    let list = check.argument("list");
    items::check(check, word, "list", Accepts::NUMBER, &list);
    check.computed(Type::NUMBER)
}

/// Gives each of the numbers to `take`, until it gives nothing back: then the result is out of range.
///
/// # Errors
/// Where one of them is null or no number, or cannot be evaluated, or `take` gives nothing back.
pub fn each(call: &mut Call<'_, '_>, word: &str, mut take: impl FnMut(Decimal) -> Option<()>) -> Result<(), Fault> {
    if call.has(0) == call.has(1) {
        return Err(Fault::new(&codes::NEEDS_ONE_OF, format!("`{word}` {ONE_OF}")));
    }
    for index in 0..call.count(0) {
        let number = call.number_item(0, index)?;
        take(number).ok_or_else(|| out_of_range(word))?;
    }
    if call.has(1) {
        let list = call.list(1)?;
        call.charge(list.len() / ITEMS_PER_STEP)?;
        for (index, item) in list.iter().enumerate() {
            let Value::Number(number) = item else { return Err(items::unfit(call, word, 1, index, Accepts::NUMBER, item)) };
            take(*number).ok_or_else(|| out_of_range(word))?;
        }
    }
    Ok(())
}

/// Items of a list that can be added up in the time of one step.
const ITEMS_PER_STEP: usize = 16;

/// The error for a result whose whole part needs more than 28 digits.
pub fn out_of_range(word: &str) -> Fault {
    Fault::new(&codes::NUMBER_RANGE, format!("the result of `{word}` needs more than 28 digits"))
}
