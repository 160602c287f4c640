//! The version of a record as few bytes as it needs: most are moments or whole numbers, written out.
//!
//! A text is stored as its UTF-8. One that is exactly how a moment or a whole number is written becomes a byte that says which, followed by
//! that many microseconds, milliseconds, seconds or units, the most significant byte first, as a number with a sign of as few bytes as it
//! has. A text that begins with one of these bytes itself is preceded by [`TEXT`].

use jiff::Timestamp;

/// A text follows.
const TEXT: u8 = 0;
/// A whole number follows.
const NUMBER: u8 = 1;
/// A moment in seconds follows, as RFC 3339 with `Z`.
const SECONDS: u8 = 2;
/// A moment in milliseconds, with three digits of them.
const MILLIS: u8 = 3;
/// A moment in microseconds, with six digits of them.
const MICROS: u8 = 4;

/// What is stored of a version.
pub(crate) fn stored(version: &str) -> Vec<u8> {
    if let Some((kind, number)) = number_of(version) {
        let bytes = number.to_be_bytes();
        // A leading byte says nothing where it only repeats the sign of what follows.
        let repeats = |pair: &[u8]| pair[0] == if pair[1] & 0x80 == 0 { 0 } else { 0xff };
        let from = bytes.windows(2).take_while(|pair| repeats(pair)).count();
        if 1 + bytes.len() - from < version.len() {
            return [&[kind], &bytes[from..]].concat();
        }
    }
    match version.as_bytes().first() {
        Some(TEXT..=MICROS) => [&[TEXT], version.as_bytes()].concat(),
        _ => version.as_bytes().to_vec(),
    }
}

/// The version that was stored; `None` where the bytes are none.
pub(crate) fn read(stored: &[u8]) -> Option<String> {
    match stored {
        [TEXT, text @ ..] => std::str::from_utf8(text).ok().map(str::to_owned),
        [kind @ NUMBER..=MICROS, number @ ..] if (1..=8).contains(&number.len()) => {
            let mut bytes = [if number[0] & 0x80 == 0 { 0 } else { 0xff }; 8];
            bytes[8 - number.len()..].copy_from_slice(number);
            text_of(*kind, i64::from_be_bytes(bytes))
        }
        text => std::str::from_utf8(text).ok().map(str::to_owned),
    }
}

/// The number that a text is written as, where it is exactly how that one is written.
fn number_of(version: &str) -> Option<(u8, i64)> {
    let (kind, number) = match version.parse::<i64>() {
        Ok(number) => (NUMBER, number),
        Err(_) => {
            let moment: Timestamp = version.parse().ok()?;
            match version.len() {
                20 => (SECONDS, moment.as_second()),
                24 => (MILLIS, moment.as_millisecond()),
                27 => (MICROS, moment.as_microsecond()),
                _ => return None,
            }
        }
    };
    (text_of(kind, number)? == version).then_some((kind, number))
}

fn text_of(kind: u8, number: i64) -> Option<String> {
    Some(match kind {
        NUMBER => number.to_string(),
        SECONDS => Timestamp::from_second(number).ok()?.to_string(),
        MILLIS => format!("{:.3}", Timestamp::from_millisecond(number).ok()?),
        _ => format!("{:.6}", Timestamp::from_microsecond(number).ok()?),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn size(version: &str) -> usize {
        let bytes = stored(version);
        assert_eq!(read(&bytes).as_deref(), Some(version));
        bytes.len()
    }

    #[test]
    fn moments_and_numbers_take_few_bytes_and_all_are_read_as_they_were_written() {
        assert_eq!(size("2025-10-30T23:38:02.462Z"), 7);
        assert_eq!(size("2025-10-30T23:38:02.400Z"), 7);
        assert_eq!(size("2025-10-30T23:38:02Z"), 5);
        assert_eq!(size("2025-10-30T23:38:02.462001Z"), 8);
        assert_eq!(size("1795654860008831"), 8);
        assert_eq!(size("-300"), 3);
        assert_eq!(size("17"), 2);
        for text in ["", "v2", "007", "+7", "2025-10-30T23:38:02+01:00", "2025-10-30 23:38:02.462Z", "2025-02-30T00:00:00Z", "2026-01-01"] {
            assert_eq!(size(text), text.len());
        }
        assert_eq!(size("\u{1}x"), 3);
    }

    proptest! {
        #[test]
        fn any_version_is_read_as_it_was_written(text in "[0-9TZ:.\\-\u{0}-\u{5}]{0,30}", number: i64, micros in -60_000_000_000_000_000i64..250_000_000_000_000_000) {
            size(&text);
            size(&number.to_string());
            for kind in [SECONDS, MILLIS, MICROS] {
                let divisor = match kind { SECONDS => 1_000_000, MILLIS => 1_000, _ => 1 };
                size(&text_of(kind, micros / divisor).unwrap());
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let _ = read(&bytes);
        }
    }
}
