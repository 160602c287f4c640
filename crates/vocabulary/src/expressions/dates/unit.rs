//! Units of time.

use salesdash_language::codes;
use salesdash_language::diagnostics::Fault;
use salesdash_value::{Decimal, Instant};

use crate::expressions::exact;

/// The units that always last as long, for choices. Others come after them where calendar units are allowed.
pub const FIXED: [&str; 4] = ["seconds", "minutes", "hours", "days"];

/// How long a unit lasts, in nanoseconds. `None` for one of the calendar.
pub fn nanoseconds(unit: &str) -> Option<i64> {
    const SECOND: i64 = 1_000_000_000;
    Some(match unit {
        "milliseconds" => 1_000_000,
        "seconds" => SECOND,
        "minutes" => 60 * SECOND,
        "hours" => 3_600 * SECOND,
        "days" => 86_400 * SECOND,
        "weeks" => 604_800 * SECOND,
        _ => return None,
    })
}

/// The instant so many units, of so many nanoseconds each, after another; to the nearest nanosecond.
pub fn after(instant: Instant, amount: Decimal, unit: i64) -> Option<Instant> {
    let nanoseconds = exact::round(exact::multiply(amount, unit.into())?, 0)?.mantissa();
    Instant::from_nanosecond(instant.as_nanosecond().checked_add(nanoseconds)?).ok()
}

/// The error for what lies outside the calendar.
pub fn out_of_range(word: &str) -> Fault {
    Fault::new(&codes::DATETIME_RANGE, format!("the result of `{word}` lies outside the years -9999 to 9999"))
}
