//! Arguments that are whole numbers: places in a list or a text.

use salesdash_language::check::ExpressionCheck;
use salesdash_language::codes;
use salesdash_language::diagnostics::{Fault, Severity};
use salesdash_language::evaluate::Call;
use salesdash_value::{Decimal, Value};

/// Refuses a fixed number that is not whole.
pub fn check_whole(check: &mut ExpressionCheck<'_, '_>, name: &str) {
    if let Some(Value::Number(number)) = check.argument(name).constant
        && !number.is_integer()
    {
        check.problem(&codes::NOT_WHOLE, Severity::Error, name, format!("`{name}` is a whole number"));
    }
}

/// A whole number. One beyond 64 bits is the nearest that fits: further than any list or text goes.
///
/// # Errors
/// Where it is null, not a number or not whole.
pub fn whole(call: &mut Call<'_, '_>, argument: usize) -> Result<i64, Fault> {
    let number = call.number(argument)?;
    if !number.is_integer() {
        let text = format!("`{}` is not a whole number", call.label(argument));
        return Err(call.fault(&codes::NOT_WHOLE, argument, text));
    }
    let most = if number > Decimal::ZERO { i64::MAX } else { i64::MIN };
    Ok(i64::try_from(number).unwrap_or(most))
}
