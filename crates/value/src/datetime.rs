//! Instants as text: ISO 8601 and RFC 2822 in, RFC 3339 out.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};

use crate::{Instant, Text};

const SECONDS_PER_DAY: i64 = 86_400;

/// The longest text of an instant: `-009999-01-02T03:04:05.123456789Z`, with some room.
const BUFFER: usize = 40;

/// An instant as RFC 3339 in UTC, with no more digits of the second than it needs: `2024-05-01T12:00:00.25Z`. A year before 0 takes the
/// expanded form of ISO 8601: `-000043-03-15T12:00:00Z`.
#[must_use]
pub fn rfc3339(instant: Instant) -> Text {
    let mut buffer = [0; BUFFER];
    Text::new(render(instant, &mut buffer))
}

/// Appends an instant as [`rfc3339`] writes it.
pub fn write(instant: Instant, out: &mut String) {
    let mut buffer = [0; BUFFER];
    out.push_str(render(instant, &mut buffer));
}

fn render(instant: Instant, buffer: &mut [u8; BUFFER]) -> &str {
    let (mut second, mut nanosecond) = (instant.as_second(), instant.subsec_nanosecond());
    if nanosecond < 0 {
        second -= 1;
        nanosecond += 1_000_000_000;
    }
    let (year, month, day) = civil(second.div_euclid(SECONDS_PER_DAY));
    let time = second.rem_euclid(SECONDS_PER_DAY);
    let mut at = 0;
    let mut put = |bytes: &[u8]| {
        buffer[at..at + bytes.len()].copy_from_slice(bytes);
        at += bytes.len();
    };
    if year < 0 {
        put(b"-00");
    }
    put(&two(year.abs() / 100));
    put(&two(year.abs() % 100));
    put(b"-");
    put(&two(month));
    put(b"-");
    put(&two(day));
    put(b"T");
    put(&two(time / 3600));
    put(b":");
    put(&two(time / 60 % 60));
    put(b":");
    put(&two(time % 60));
    if nanosecond > 0 {
        put(b".");
        let mut unit = 100_000_000;
        while nanosecond > 0 {
            put(&[digit(i64::from(nanosecond / unit))]);
            nanosecond %= unit;
            unit /= 10;
        }
    }
    put(b"Z");
    std::str::from_utf8(&buffer[..at]).unwrap_or_default()
}

fn two(number: i64) -> [u8; 2] {
    [digit(number / 10), digit(number)]
}

fn digit(number: i64) -> u8 {
    b'0' + u8::try_from(number % 10).unwrap_or_default()
}

/// Year, month and day of a day counted from 1970-01-01, in the proleptic Gregorian calendar. After Howard Hinnant, "chrono-Compatible
/// Low-Level Date Algorithms", `civil_from_days`: years begin in March and eras are 400 years.
const fn civil(day: i64) -> (i64, i64, i64) {
    let day = day + 719_468;
    let era = day.div_euclid(146_097);
    let of_era = day.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, of_year - (153 * from_march + 2) / 5 + 1)
}

/// The instant of a local time in a zone. One that exists twice or not at all (daylight saving) takes the offset in force before the
/// change. `None` where it is out of range.
#[must_use]
pub fn in_zone(local: DateTime, zone: &TimeZone) -> Option<Instant> {
    zone.to_ambiguous_timestamp(local).compatible().ok()
}

/// Reads ISO 8601: a date and a time joined by `T` or a space, the seconds or the whole time left out or not, a fraction, an offset.
/// The basic format, without `-` and `:` (`20260301T093000Z`), is read where there is a time: digits alone may be anything. Without an
/// offset the text is in `zone`. A leap second reads as the second before it. `None` where it is not that.
#[must_use]
pub fn parse_iso(text: &str, zone: &TimeZone) -> Option<Instant> {
    // Hardly any has space around it, and looking for that costs as much as reading the date.
    let bare = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
    let text = if bare(text.as_bytes().first()) && bare(text.as_bytes().last()) { text } else { text.trim() };
    let mut rest = Cursor(text.as_bytes());
    let year = rest.year()?;
    let basic = rest.0.first().is_some_and(u8::is_ascii_digit);
    let separator = |rest: &mut Cursor<'_>, byte| if basic { Some(()) } else { rest.byte(byte) };
    separator(&mut rest, b'-')?;
    let month = rest.digits(2)?;
    separator(&mut rest, b'-')?;
    let day = rest.digits(2)?;
    let date = Date::new(year, month as i8, day as i8).ok()?;
    if rest.0.is_empty() && !basic {
        return in_zone(date.to_datetime(Time::midnight()), zone);
    }
    if !matches!(rest.next()?, b'T' | b't' | b' ') {
        return None;
    }
    let hour = rest.digits(2)?;
    separator(&mut rest, b':')?;
    let minute = rest.digits(2)?;
    let (mut second, mut nanos) = (0, 0);
    if rest.0.first().is_some_and(|next| if basic { next.is_ascii_digit() } else { *next == b':' }) {
        separator(&mut rest, b':')?;
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
        let colon = self.0.first() == Some(&b':');
        if colon {
            self.next();
        }
        let minutes = if self.0.is_empty() && !colon { 0 } else { self.digits(2)? };
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
        check("20260301T093000Z", "UTC", Some("2026-03-01T09:30:00Z"));
        check("20260301T0930", "Europe/Amsterdam", Some("2026-03-01T08:30:00Z"));
        check("20260301T093000,5+0100", "UTC", Some("2026-03-01T08:30:00.5Z"));
        check(" 2026-03-01 09:30:00 +0100 ", "UTC", Some("2026-03-01T08:30:00Z"));
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
            "20260301",
            "20260301T",
            "2026-0301T1000",
            "20260301T10:00",
            "20260301T100",
            "2026-03-01T10:00+01:",
            "2026-03-01T10:00+01:0",
            "2026-03-01T10:00+01:60",
            "2026-03-01T10:00+99",
            "2026-03-01T10:00:00.Z",
            "2026-03-01T10:00ZZ",
            "2026-03-01Z",
            "+10000-01-01",
            "-009999-01-01T00:00+02",
            "9999-12-31T24:00Z",
            "２０２６-03-01",
        ] {
            check(text, "UTC", None);
        }
    }

    #[test]
    fn full_datetimes_are_told_from_others() {
        assert!(is_full("2026-03-01T09:30:00Z") && is_full("2026-03-01T09:30:00.000+01:00") && is_full("2026-03-01T09:30Z"));
        assert!(!is_full("2026-03-01") && !is_full("2026-03-01 09:30:00") && !is_full("hello world, this is it Z"));
    }

    const ZONES: [&str; 6] = ["UTC", "Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca"];

    /// Any instant there is, as often as not in a year with daylight saving.
    fn instants() -> impl Strategy<Value = Instant> {
        instants_of(Instant::MIN.as_second() + 1..Instant::MAX.as_second())
    }

    /// Those whose year has four digits in every zone.
    fn usual_instants() -> impl Strategy<Value = Instant> {
        instants_of(-62_135_000_000..253_402_000_000)
    }

    fn instants_of(seconds: std::ops::Range<i64>) -> impl Strategy<Value = Instant> {
        let seconds = prop_oneof![seconds, 0i64..4_000_000_000];
        (seconds, prop_oneof![Just(0), (0i32..1000).prop_map(|milli| milli * 1_000_000), 0i32..1_000_000_000])
            .prop_map(|(seconds, nanos)| Instant::new(seconds, nanos).expect("in range"))
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(instant in instants()) {
            let text = rfc3339(instant);
            prop_assert_eq!(parse_iso(&text, &TimeZone::UTC), Some(instant));
            prop_assert_eq!(text.as_str(), instant.to_string());
        }

        #[test]
        fn local_times_are_as_in_the_calendar(instant in usual_instants(), zone in prop::sample::select(&ZONES[..]), form in 0..4) {
            let zone = crate::zone::get(zone).unwrap();
            let local = zone.to_datetime(instant);
            let (text, local) = match form {
                0 => (local.to_string(), local),
                1 => (local.to_string().replace('T', " "), local),
                2 => (local.strftime("%Y%m%dT%H%M%S").to_string(), local.with().subsec_nanosecond(0).build().unwrap()),
                _ => (local.date().to_string(), local.date().to_datetime(Time::midnight())),
            };
            prop_assert_eq!(parse_iso(&text, &zone), zone.to_timestamp(local).ok(), "{}", text);
        }

        #[test]
        fn around_a_change_the_offset_before_it_counts(after in instants(), zone in prop::sample::select(&ZONES[1..]), minutes in -180i64..180) {
            let zone = crate::zone::get(zone).unwrap();
            let Some(change) = zone.following(after).next() else { return Ok(()) };
            let before = change.timestamp() - jiff::SignedDuration::from_nanos(1);
            let clock = zone.to_datetime(before).round(jiff::Unit::Second).unwrap();
            let Ok(local) = clock.checked_add(jiff::SignedDuration::from_mins(minutes)) else { return Ok(()) };
            let expected = match zone.to_ambiguous_timestamp(local).offset() {
                jiff::tz::AmbiguousOffset::Unambiguous { offset } => offset,
                jiff::tz::AmbiguousOffset::Gap { before, .. } | jiff::tz::AmbiguousOffset::Fold { before, .. } => before,
            };
            prop_assert_eq!(in_zone(local, &zone), expected.to_timestamp(local).ok());
        }

        #[test]
        fn offsets_are_as_in_the_calendar(instant in usual_instants(), hours in -23i32..=23, minutes in 0i32..60, form in 0..3) {
            let minutes = if form == 2 { 0 } else { minutes };
            let offset = Offset::from_seconds((hours * 60 + hours.signum() * minutes) * 60).unwrap();
            let local = offset.to_datetime(instant);
            let sign = if hours < 0 { '-' } else { '+' };
            let (hour, minute) = (hours.abs(), minutes * hours.signum().abs());
            let text = match form {
                0 => format!("{local}{sign}{hour:02}:{minute:02}"),
                1 => format!("{local}{sign}{hour:02}{minute:02}"),
                _ => format!("{local}{sign}{hour:02}"),
            };
            prop_assert_eq!(parse_iso(&text, &TimeZone::UTC), Some(instant), "{}", text);
        }

        #[test]
        fn any_text_is_read_or_refused(text in prop_oneof![".{0,40}", "[-+0-9TZ:. ,]{0,30}", "(Mon, )?[0-9]{0,3} [A-Z][a-z]{2} [0-9]{0,5} [0-9:]{0,9} [-+A-Z0-9]{0,6}"]) {
            let _ = parse(&text, &TimeZone::UTC);
            let _ = is_full(&text);
        }

        #[test]
        fn what_the_calendar_library_reads_with_an_offset_reads_the_same(text in "[0-2][0-9]{3}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-6][0-9](:[0-6][0-9])?([.,][0-9]{1,9})?(Z|[-+][01][0-9](:?[0-5][0-9])?)") {
            if let Ok(theirs) = text.parse::<Instant>() {
                prop_assert_eq!(parse_iso(&text, &TimeZone::UTC), Some(theirs), "{}", text);
            }
        }
    }
}
