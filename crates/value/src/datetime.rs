//! Instants as text: ISO 8601 and RFC 2822 in, RFC 3339 out.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};

use crate::{Instant, Text};

/// Writes an instant as RFC 3339 in UTC, with only as many fractional digits as needed.
#[must_use]
pub fn rfc3339(instant: Instant) -> Text {
    use std::fmt::Write;
    let civil = Offset::UTC.to_datetime(instant);
    let mut out = Buffer { bytes: [0; 40], length: 0 };
    let year = i32::from(civil.year());
    // Years before 0 and of five digits do not occur within four digits: RFC 3339 has no form for them, ISO 8601 a signed one.
    let written = if (0..=9999).contains(&year) { write!(out, "{year:04}") } else { write!(out, "{year:+07}") };
    let written = written.and_then(|()| {
        write!(out, "-{:02}-{:02}T{:02}:{:02}:{:02}", civil.month(), civil.day(), civil.hour(), civil.minute(), civil.second())
    });
    let nanos = civil.subsec_nanosecond();
    let written = written.and_then(|()| {
        if nanos == 0 {
            return Ok(());
        }
        let digits = format!("{nanos:09}");
        write!(out, ".{}", digits.trim_end_matches('0'))
    });
    let written = written.and_then(|()| out.write_str("Z"));
    written.expect("the buffer is large enough");
    Text::new(std::str::from_utf8(&out.bytes[..out.length]).expect("digits are text"))
}

struct Buffer {
    bytes: [u8; 40],
    length: usize,
}

impl std::fmt::Write for Buffer {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let end = self.length + text.len();
        self.bytes.get_mut(self.length..end).ok_or(std::fmt::Error)?.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

/// The instant of a local time in a zone. One that exists twice or not at all (daylight saving) takes the offset in force before the
/// change. `None` where it is out of range.
#[must_use]
pub fn in_zone(local: DateTime, zone: &TimeZone) -> Option<Instant> {
    zone.to_ambiguous_timestamp(local).compatible().ok()
}

/// Reads ISO 8601: a date and a time joined by `T` or a space, the seconds or the whole time left out or not, a fraction, an offset.
/// Without an offset the text is in `zone`. `None` where it is not that.
#[must_use]
pub fn parse_iso(text: &str, zone: &TimeZone) -> Option<Instant> {
    let mut rest = Cursor(text.trim().as_bytes());
    let year = rest.year()?;
    rest.byte(b'-')?;
    let month = rest.digits(2)?;
    rest.byte(b'-')?;
    let day = rest.digits(2)?;
    let date = Date::new(year, month as i8, day as i8).ok()?;
    if rest.0.is_empty() {
        return in_zone(date.to_datetime(Time::midnight()), zone);
    }
    if !matches!(rest.next()?, b'T' | b't' | b' ') {
        return None;
    }
    let hour = rest.digits(2)?;
    rest.byte(b':')?;
    let minute = rest.digits(2)?;
    let (mut second, mut nanos) = (0, 0);
    if rest.0.first() == Some(&b':') {
        rest.next();
        second = rest.digits(2)?;
        if matches!(rest.0.first(), Some(b'.' | b',')) {
            rest.next();
            nanos = rest.fraction()?;
        }
    }
    // 24:00 is the end of the day in ISO 8601; a leap second counts as the second before it.
    let next_day = hour == 24 && minute == 0 && second == 0 && nanos == 0;
    let time =
        Time::new(if next_day { 0 } else { hour as i8 }, minute as i8, second.min(59 + u32::from(second > 60)) as i8, nanos as i32).ok()?;
    let date = if next_day { date.tomorrow().ok()? } else { date };
    let local = date.to_datetime(time);
    while rest.0.first() == Some(&b' ') {
        rest.next();
    }
    match rest.0 {
        [] => in_zone(local, zone),
        [b'Z' | b'z'] => Offset::UTC.to_timestamp(local).ok(),
        _ => rest.offset()?.to_timestamp(local).ok(),
    }
}

/// Reads ISO 8601 (see [`parse_iso`]) or RFC 2822, as mail and HTTP write it.
#[must_use]
pub fn parse(text: &str, zone: &TimeZone) -> Option<Instant> {
    parse_iso(text, zone).or_else(|| {
        let text = text.trim();
        // The parser for RFC 2822 wants an offset; `GMT` and `UTC` are common ones.
        jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp())
    })
}

/// Whether a text is a full date and time with an offset: what a field must hold throughout to be taken for a datetime.
#[must_use]
pub fn is_full(text: &str) -> bool {
    text.len() >= 17
        && (text.ends_with(['Z', 'z']) || text.get(16..).is_some_and(|rest| rest.contains(['+', '-'])))
        && parse_iso(text, &TimeZone::UTC).is_some()
}

struct Cursor<'t>(&'t [u8]);

impl Cursor<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn byte(&mut self, wanted: u8) -> Option<()> {
        (self.next()? == wanted).then_some(())
    }

    /// A year of four digits, or a sign and six of them, as [`rfc3339`] writes what lies outside the four.
    fn year(&mut self) -> Option<i16> {
        let sign = match self.0.first()? {
            b'+' => 1,
            b'-' => -1,
            _ => return i16::try_from(self.digits(4)?).ok(),
        };
        self.next();
        Some(sign * i16::try_from(self.digits(6)?).ok()?)
    }

    fn digits(&mut self, count: usize) -> Option<u32> {
        let digits = self.0.get(..count)?;
        let mut number = 0;
        for digit in digits {
            if !digit.is_ascii_digit() {
                return None;
            }
            number = number * 10 + u32::from(digit - b'0');
        }
        self.0 = &self.0[count..];
        Some(number)
    }

    /// The digits of a fraction of a second, as nanoseconds; what lies beyond those is dropped.
    fn fraction(&mut self) -> Option<u32> {
        let count = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if count == 0 {
            return None;
        }
        let mut nanos = 0;
        for place in 0..9 {
            nanos = nanos * 10 + if place < count { u32::from(self.0[place] - b'0') } else { 0 };
        }
        self.0 = &self.0[count..];
        Some(nanos)
    }

    /// `+01:00`, `+0100` or `+01`, to the end of the text.
    fn offset(&mut self) -> Option<Offset> {
        let sign = match self.next()? {
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        let hours = self.digits(2)?;
        if self.0.first() == Some(&b':') {
            self.next();
        }
        let minutes = if self.0.is_empty() { 0 } else { self.digits(2)? };
        if !self.0.is_empty() || minutes > 59 {
            return None;
        }
        Offset::from_seconds(sign * (hours * 3600 + minutes * 60) as i32).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, zone: &str, expected: Option<&str>) {
        let zone = crate::zone::get(zone).unwrap();
        assert_eq!(parse(text, &zone).map(rfc3339).as_deref(), expected, "{text}");
    }

    #[test]
    fn the_usual_forms() {
        check("2026-03-01T10:30:00+01:00", "UTC", Some("2026-03-01T09:30:00Z"));
        check("2026-03-01 10:30", "Europe/Amsterdam", Some("2026-03-01T09:30:00Z"));
        check("2026-07-01", "Europe/Amsterdam", Some("2026-06-30T22:00:00Z"));
        check("2026-03-01T09:30:00.120Z", "UTC", Some("2026-03-01T09:30:00.12Z"));
        check("2026-03-01T09:30:00.1234567891Z", "UTC", Some("2026-03-01T09:30:00.123456789Z"));
        check("2026-03-01T09:30:00-0330", "UTC", Some("2026-03-01T13:00:00Z"));
        check("2026-03-01T09:30:00+02", "UTC", Some("2026-03-01T07:30:00Z"));
        check("2026-03-01T24:00:00Z", "UTC", Some("2026-03-02T00:00:00Z"));
        check("2026-06-30T23:59:60Z", "UTC", Some("2026-06-30T23:59:59Z"));
        check("Sun, 01 Mar 2026 09:30:00 +0000", "UTC", Some("2026-03-01T09:30:00Z"));
        check("Sun, 01 Mar 2026 09:30:00 GMT", "UTC", Some("2026-03-01T09:30:00Z"));
        check("0000-01-01", "Etc/GMT-1", Some("-000001-12-31T23:00:00Z"));
        check("-000001-12-31T23:40:28Z", "UTC", Some("-000001-12-31T23:40:28Z"));
    }

    #[test]
    fn daylight_saving_takes_the_offset_before_the_change() {
        // Clocks go from 02:00 to 03:00 on March 29, and from 03:00 to 02:00 on October 25.
        check("2026-03-29 02:30", "Europe/Amsterdam", Some("2026-03-29T01:30:00Z"));
        check("2026-10-25 02:30", "Europe/Amsterdam", Some("2026-10-25T00:30:00Z"));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "2026",
            "2026-13-01",
            "2026-02-30",
            "01-03-2026",
            "2026-03-01T25:00",
            "2026-03-01T10",
            "2026-03-01T10:61",
            "2026-03-01x",
            "2026-03-01T10:00+1",
            "2026-06-30T23:59:61Z",
            "yesterday",
        ] {
            check(text, "UTC", None);
        }
    }

    #[test]
    fn full_datetimes_are_told_from_others() {
        assert!(is_full("2026-03-01T09:30:00Z") && is_full("2026-03-01T09:30:00.000+01:00") && is_full("2026-03-01T09:30Z"));
        assert!(!is_full("2026-03-01") && !is_full("2026-03-01 09:30:00") && !is_full("hello world, this is it Z"));
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(seconds in -62_000_000_000i64..253_000_000_000, nanos in 0i32..1_000_000_000) {
            let instant = Instant::new(seconds, nanos).unwrap();
            prop_assert_eq!(parse_iso(&rfc3339(instant), &TimeZone::UTC), Some(instant));
            prop_assert_eq!(rfc3339(instant).parse::<Instant>().ok(), Some(instant));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}") {
            let _ = parse(&text, &TimeZone::UTC);
        }
    }
}
