//! Times as vendors write them.

use jiff::tz::TimeZone;
use salesdash_value::{Decimal, Instant, Text, Value, datetime, number, zone};

use super::macros::object;
use super::read::{About, Read, Reading};

/// How a time is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimeFormat {
    /// ISO 8601 or RFC 2822; written as RFC 3339 in UTC.
    Iso,
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    Milliseconds,
    /// A date alone.
    Date,
    /// A pattern of `%` codes, as `format_datetime` takes them.
    Pattern(Text),
}

impl Read for TimeFormat {
    fn read(reading: &mut Reading, value: &Value, pointer: &str) -> Option<Self> {
        let text = Text::read(reading, value, pointer)?;
        Some(match text.as_str() {
            "iso" => Self::Iso,
            "seconds" => Self::Seconds,
            "milliseconds" => Self::Milliseconds,
            "date" => Self::Date,
            pattern if pattern.contains('%') => Self::Pattern(text),
            other => {
                let known = ["iso", "seconds", "milliseconds", "date"];
                reading.problems.add(pointer, format!("{}, nor a pattern such as `%Y-%m-%d`", crate::reader::not_one_of(other, &known)));
                return None;
            }
        })
    }

    fn describe(_about: &mut About) -> String {
        "`\"iso\"` (ISO 8601 or RFC 2822; written as `2026-03-01T12:00:00Z`), `\"seconds\"` or `\"milliseconds\"` since 1970, `\"date\"` \
         (`2026-03-01`), or a pattern of `%` codes"
            .to_owned()
    }
}

object! {
    /// A time as a vendor writes it.
    WrittenTime as "time" {
        /// How it is written.
        format: TimeFormat,
        /// The zone of times that are written without an offset. UTC where it is not given.
        timezone: Option<Zone>,
    }
}

/// The name of a time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(pub Text);

impl Read for Zone {
    fn read(reading: &mut Reading, value: &Value, pointer: &str) -> Option<Self> {
        let text = Text::read(reading, value, pointer)?;
        if zone::get(&text).is_none() {
            reading.problems.add(pointer, format!("`{text}` is not a time zone such as `Europe/Amsterdam`"));
            return None;
        }
        Some(Self(text))
    }

    fn describe(_about: &mut About) -> String {
        "an IANA time zone".to_owned()
    }
}

impl WrittenTime {
    /// ISO 8601 in UTC.
    #[must_use]
    pub const fn iso() -> Self {
        Self { format: TimeFormat::Iso, timezone: None }
    }

    fn zone(&self) -> TimeZone {
        self.timezone.as_ref().and_then(|name| zone::get(&name.0)).unwrap_or(TimeZone::UTC)
    }

    /// The instant that a value says. `None` where it says none.
    #[must_use]
    pub fn read_time(&self, value: &Value) -> Option<Instant> {
        match (&self.format, value) {
            (_, Value::Datetime(instant)) => Some(*instant),
            (TimeFormat::Iso | TimeFormat::Date, Value::Text(text)) => datetime::parse(text, &self.zone()),
            (TimeFormat::Seconds, _) => epoch(value, 1_000_000_000),
            (TimeFormat::Milliseconds, _) => epoch(value, 1_000_000),
            (TimeFormat::Pattern(pattern), Value::Text(text)) => {
                let broken = jiff::fmt::strtime::parse(pattern.as_str(), text.as_str()).ok()?;
                broken.to_timestamp().ok().or_else(|| {
                    let local = broken.to_datetime().or_else(|_| broken.to_date().map(|date| date.at(0, 0, 0, 0))).ok()?;
                    datetime::in_zone(local, &self.zone())
                })
            }
            _ => None,
        }
    }

    /// An instant as the vendor wants it.
    #[must_use]
    pub fn write_time(&self, instant: Instant) -> Value {
        match &self.format {
            TimeFormat::Iso => Value::Text(datetime::rfc3339(instant)),
            TimeFormat::Seconds => Value::from(instant.as_second()),
            TimeFormat::Milliseconds => Value::from(instant.as_millisecond()),
            TimeFormat::Date => Value::text(instant.to_zoned_datetime(self.zone()).strftime("%Y-%m-%d").to_string()),
            TimeFormat::Pattern(pattern) => Value::text(instant.to_zoned_datetime(self.zone()).strftime(pattern.as_str()).to_string()),
        }
    }
}

/// A number of seconds or milliseconds since 1970, as a number or a text.
fn epoch(value: &Value, nanoseconds: i64) -> Option<Instant> {
    let count = match value {
        Value::Number(count) => *count,
        Value::Text(text) => number::parse(text)?,
        _ => return None,
    };
    let nanoseconds = count.checked_mul(Decimal::from(nanoseconds))?.trunc();
    Instant::from_nanosecond(i128::try_from(nanoseconds).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(format: &str, timezone: Option<&str>, written: Value, instant: &str) {
        let fields = [("format", Value::from(format)), ("timezone", timezone.map_or(Value::Null, Value::from))];
        let mut reading = Reading::default();
        let time = WrittenTime::read(&mut reading, &Value::object(fields), "").expect("a time");
        let instant: Instant = instant.parse().expect("an instant");
        assert_eq!(time.read_time(&written), Some(instant), "{format}");
        assert_eq!(time.write_time(instant), written, "{format}");
    }

    #[test]
    fn times_are_read_and_written() {
        check("iso", None, "2026-03-01T12:00:00Z".into(), "2026-03-01T12:00:00Z");
        check("seconds", None, 1_772_366_400.into(), "2026-03-01T12:00:00Z");
        check("milliseconds", None, 1_772_366_400_123.into(), "2026-03-01T12:00:00.123Z");
        check("date", Some("Europe/Amsterdam"), "2026-03-01".into(), "2026-02-28T23:00:00Z");
        check("%Y-%m-%d %H:%M:%S", Some("Europe/Amsterdam"), "2026-07-01 14:00:00".into(), "2026-07-01T12:00:00Z");
        let seconds = WrittenTime { format: TimeFormat::Seconds, timezone: None };
        assert_eq!(seconds.read_time(&"1772366400".into()), Some("2026-03-01T12:00:00Z".parse().expect("an instant")));
        assert_eq!(seconds.read_time(&"soon".into()), None);
    }
}
