//! Passing over JSON that nobody asked for, as fast as looking for its end allows.

/// The deepest nesting that is passed over this way: a bit for each list or object that is open.
const DEEPEST: usize = 64;

/// Where the value at `at` ends, and how many values it holds, itself included. `None` where it is not plain enough to be sure that it is
/// JSON at a glance: escapes, text beyond ASCII, more than `depth` lists and objects in each other, anything wrong. Whoever asks then
/// reads it properly, which also tells what is wrong with it.
pub fn skim(text: &[u8], mut at: usize, depth: usize) -> Option<(usize, usize)> {
    let most = depth.min(DEEPEST);
    let mut values = 0;
    // The lists and objects that are open, the innermost in the lowest bit: 1 for an object.
    let (mut open, mut kinds) = (0, 0u64);
    loop {
        values += 1;
        let first = *text.get(at)?;
        match first {
            b'"' => at = string(text, at)?,
            b'{' | b'[' => {
                if open == most {
                    return None;
                }
                let is_object = first == b'{';
                at = space(text, at + 1);
                let close = if is_object { b'}' } else { b']' };
                if *text.get(at)? == close {
                    at += 1;
                } else {
                    open += 1;
                    kinds = kinds << 1 | u64::from(is_object);
                    if is_object {
                        at = key(text, at)?.1;
                    }
                    continue;
                }
            }
            b't' => at = word(text, at, b"true")?,
            b'f' => at = word(text, at, b"false")?,
            b'n' => at = word(text, at, b"null")?,
            b'-' | b'0'..=b'9' => at = number(text, at)?,
            _ => return None,
        }
        // What comes after a value.
        loop {
            if open == 0 {
                return Some((at, values));
            }
            at = space(text, at);
            let is_object = kinds & 1 == 1;
            match *text.get(at)? {
                b',' => {
                    at = space(text, at + 1);
                    if is_object {
                        at = key(text, at)?.1;
                    }
                    break;
                }
                b'}' if is_object => {}
                b']' if !is_object => {}
                _ => return None,
            }
            at += 1;
            open -= 1;
            kinds >>= 1;
        }
    }
}

/// Where the space at `at` ends.
#[inline]
pub fn space(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = text.get(at) {
        at += 1;
    }
    at
}

/// The key at `at`, and where its value begins.
#[inline]
pub fn key(text: &[u8], at: usize) -> Option<(&[u8], usize)> {
    if *text.get(at)? != b'"' {
        return None;
    }
    let end = string(text, at)?;
    let colon = space(text, end);
    (*text.get(colon)? == b':').then(|| (&text[at + 1..end - 1], space(text, colon + 1)))
}

/// Where the text at `at` ends, whose quotation mark stands there.
#[inline]
pub fn string(text: &[u8], at: usize) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let mut at = at + 1;
    // Eight bytes at once: the high bit of each is set where it is a quotation mark, a backslash, a control character or beyond ASCII.
    while let Some(chunk) = text.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let bytes = u64::from_le_bytes(*chunk);
        let zero = |bytes: u64| bytes.wrapping_sub(ONES) & !bytes;
        let quote = zero(bytes ^ (ONES * 0x22));
        let backslash = zero(bytes ^ (ONES * 0x5c));
        let control = bytes.wrapping_sub(ONES * 0x20) & !bytes;
        let special = (quote | backslash | control | bytes) & HIGH;
        if special != 0 {
            // The lowest is right for certain; borrows spoil only what lies above it.
            at += special.trailing_zeros() as usize / 8;
            return (text[at] == b'"').then_some(at + 1);
        }
        at += 8;
    }
    loop {
        match *text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' | 0..=0x1f | 0x80.. => return None,
            _ => at += 1,
        }
    }
}

#[inline]
fn word(text: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    text.get(at..)?.starts_with(word).then_some(at + word.len())
}

/// Where the number at `at` ends.
fn number(text: &[u8], mut at: usize) -> Option<usize> {
    let digits = |mut at: usize| {
        let start = at;
        while text.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        (at > start).then_some(at)
    };
    at += usize::from(text[at] == b'-');
    at = match text.get(at)? {
        b'0' if text.get(at + 1).is_some_and(u8::is_ascii_digit) => return None,
        _ => digits(at)?,
    };
    if text.get(at) == Some(&b'.') {
        at = digits(at + 1)?;
    }
    if let Some(b'e' | b'E') = text.get(at) {
        at += 1;
        at += usize::from(matches!(text.get(at), Some(b'+' | b'-')));
        at = digits(at)?;
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Value;
    use crate::json::{Limits, parse};

    fn values(value: &Value) -> usize {
        1 + match value {
            Value::List(items) => items.iter().map(values).sum(),
            Value::Object(fields) => fields.iter().map(|(_, value)| values(value)).sum(),
            _ => 0,
        }
    }

    #[test]
    fn it_finds_the_end() {
        for (text, count) in [
            ("\"\" x", 1),
            ("\"a longer text than eight bytes\"]", 1),
            ("\"seven77\",", 1),
            ("-0.5e+10,", 1),
            ("true}", 1),
            ("[ ]", 1),
            ("{ \"a\" : [ 1 , { } , null ] , \"b\" : false } ", 6),
        ] {
            let (end, values) = skim(text.as_bytes(), 0, 8).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(values, count, "{text}");
            assert!(parse(&text.as_bytes()[..end], Limits::DEFAULT).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_is_not_plain_is_left_to_others() {
        for text in [
            "",
            "\"",
            "\"a",
            "\"\\n\"",
            "\"é\"",
            "\"\u{1}\"",
            "\"aaaaaaa\u{7f}\u{1f}\"",
            "01",
            "-",
            "1.",
            "1e",
            "tru",
            "[1,]",
            "[1 2]",
            "{\"a\" 1}",
            "{\"a\":1,}",
            "{1:2}",
            "[1}",
            "{\"a\":1]",
            "[[[[[[[[[1]]]]]]]]]",
            "[1",
            "x",
        ] {
            assert_eq!(skim(text.as_bytes(), 0, 8), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn it_passes_only_over_json(text in "[\\[\\]{}\",:0-9a-c.eE+\\- \\\\]{0,24}") {
            if let Some((end, count)) = skim(text.as_bytes(), 0, 128) {
                let value = parse(&text.as_bytes()[..end], Limits::DEFAULT).unwrap();
                // A key that is repeated counts each time, and is kept once.
                prop_assert!(values(&value) <= count);
            }
        }

        #[test]
        fn strings_end_where_they_do(text in "[ -~]{0,40}") {
            let plain = !text.contains(['"', '\\']);
            let quoted = format!("\"{text}\"");
            let found = skim(quoted.as_bytes(), 0, 8);
            if plain {
                prop_assert_eq!(found, Some((quoted.len(), 1)));
            } else if let Some((end, _)) = found {
                prop_assert!(parse(&quoted.as_bytes()[..end], Limits::DEFAULT).is_ok());
            }
        }
    }
}
