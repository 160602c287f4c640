//! Date formats in the style of strftime. A format is tried out when the spec is checked, so that none fails at run time by itself.

use jiff::civil::{DateTime, date};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;
use salesdash_language::codes;
use salesdash_language::vocabulary::{LiteralProblem, Literals};
use salesdash_value::{Instant, datetime, zone};

/// The longest format, in bytes.
pub const LONGEST_FORMAT: usize = 200;

/// What the documentation says about the directives.
macro_rules! directives {
    () => {
        "`%Y` year, `%y` year of two digits (1969 to 2068), `%m` month, `%d` day, `%H` hour (0 to 23), `%I` hour (1 to 12) with `%p` \
         (AM or PM), `%M` minute, `%S` second, `%f` fraction of a second, `%B` or `%b` English name of the month in full or in \
         three letters, `%A` or `%a` that of the weekday, `%j` day of the year, `%G` and `%V` ISO year and week, `%u` weekday \
         from 1 (Monday), `%F` for `%Y-%m-%d`, `%T` for `%H:%M:%S`, `%R` for `%H:%M`, `%z` offset (`+0100`; `%:z`: `+01:00`), \
         `%Q` IANA time zone, `%s` seconds since 1970, `%%` a percent sign"
    };
}
pub(super) use directives;

fn problem(text: String) -> LiteralProblem {
    LiteralProblem { argument: "format", code: &codes::WRONG_DATE_FORMAT, text }
}

/// Afternoons late in a year, when every number has two digits: no directive can read them in two ways.
fn samples() -> [DateTime; 2] {
    [date(2026, 11, 15).at(13, 45, 17, 123_456_789), date(2026, 12, 25).at(13, 45, 17, 123_456_789)]
}

fn write(format: &str, local: DateTime) -> Result<String, jiff::Error> {
    let zone = zone::get("Europe/Amsterdam").unwrap_or(TimeZone::UTC);
    let zoned = zone.to_zoned_datetime(local)?;
    BrokenDownTime::from(&zoned).to_string(format)
}

fn checked<'l>(literals: &'l Literals<'_>) -> Result<Option<&'l str>, LiteralProblem> {
    match literals.text("format") {
        Some(format) if format.len() > LONGEST_FORMAT => {
            Err(problem(format!("the format is {} bytes long; {LONGEST_FORMAT} is the most", format.len())))
        }
        format => Ok(format),
    }
}

/// Checks a format for writing.
pub fn for_writing(literals: &Literals<'_>) -> Result<(), LiteralProblem> {
    let Some(format) = checked(literals)? else { return Ok(()) };
    write(format, samples()[0]).map(|_| ()).map_err(|error| problem(format!("the format cannot be used: {error}")))
}

/// Checks a format for reading: it must read what it writes, and determine an instant.
pub fn for_reading(literals: &Literals<'_>) -> Result<(), LiteralProblem> {
    let Some(format) = checked(literals)? else { return Ok(()) };
    let mut outcomes = samples().map(|sample| try_reading(format, sample));
    // One that reads numbers without anything between them may fail on one sample for the digits that it has.
    match outcomes.iter().position(Result::is_ok) {
        Some(_) => Ok(()),
        None => std::mem::replace(&mut outcomes[0], Ok(())).map_err(problem),
    }
}

fn try_reading(format: &str, sample: DateTime) -> Result<(), String> {
    let unusable = |error: jiff::Error| format!("the format cannot be used: {error}");
    let text = write(format, sample).map_err(unusable)?;
    let read = BrokenDownTime::parse(format, &text).map_err(unusable)?;
    if read.timestamp().is_some() {
        return Ok(());
    }
    let local = read.to_datetime().map_err(|error| format!("the format does not determine an instant: {error}"))?;
    if !matches!(local.hour(), 0 | 13) {
        return Err("`%I` needs `%p`: without it, one in the afternoon reads as one at night".to_owned());
    }
    Ok(())
}

/// The instant that a text gives in a format. What the text says of its zone or offset goes before the given zone.
pub fn read(format: &str, text: &str, default: &TimeZone) -> Option<Instant> {
    let read = BrokenDownTime::parse(format, text).ok()?;
    if read.timestamp().is_some() || read.offset().is_some() {
        return read.to_timestamp().ok();
    }
    let local = read.to_datetime().ok()?;
    match read.iana_time_zone() {
        Some(name) => datetime::in_zone(local, &zone::get(name)?),
        None => datetime::in_zone(local, default),
    }
}
