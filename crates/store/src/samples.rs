//! What a dictionary is trained on: payloads without what tells of one person or one record.
//!
//! A dictionary outlives the payloads that it was trained on, and whoever is erased must not be left in it. It is made of what many payloads
//! have in common, so what only few have is of no use to it anyway.

use std::collections::HashMap;

use salesdash_language::mask::{looks_personal, names_personal};

/// Payloads that a value, or a word of it, has to stand in to be kept.
const COMMON: u32 = 8;
/// Bytes from which on a number is looked at like a text: a phone number is one.
const LONG_NUMBER: usize = 6;

/// Whether a payload is JSON, as far as its first byte goes.
pub(crate) fn is_json(content: &[u8]) -> bool {
    matches!(content.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// The payloads without what few of them have: of a value that few have as a whole the words that few have, and all but one of its words
/// with a capital, so that no name stays whole. Of what looks personal, or stands in a field whose name says so, only the domain of an
/// address stays, where many have it.
pub(crate) fn anonymous(samples: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut known = Known::default();
    for (place, sample) in samples.iter().enumerate() {
        for value in values(sample) {
            known.count(value.text, place);
            words(value.text).for_each(|(_, word)| known.count(word, place));
        }
    }
    samples
        .iter()
        .map(|sample| {
            let (mut kept, mut from) = (Vec::with_capacity(sample.len()), 0);
            for value in values(sample) {
                kept.extend_from_slice(&sample[from..value.at]);
                known.keep(&value, &mut kept);
                from = value.at + value.text.len();
            }
            kept.extend_from_slice(&sample[from..]);
            kept
        })
        .collect()
}

/// In how many payloads each value and each word stands, and in which it was seen last.
#[derive(Default)]
struct Known<'s>(HashMap<&'s [u8], (u32, usize)>);

impl<'s> Known<'s> {
    fn count(&mut self, text: &'s [u8], place: usize) {
        let (count, last) = self.0.entry(text).or_insert((0, usize::MAX));
        if *last != place {
            (*count, *last) = (*count + 1, place);
        }
    }

    fn is_common(&self, text: &[u8]) -> bool {
        self.0.get(text).is_some_and(|(count, _)| *count >= COMMON)
    }

    /// Writes what stays of a value.
    fn keep(&self, value: &Value<'_>, kept: &mut Vec<u8>) {
        let personal = looks_personal(&String::from_utf8_lossy(value.text)) || names_personal(&String::from_utf8_lossy(value.name));
        if !personal && (is_time(value.text) || self.is_common(value.text)) {
            return kept.extend_from_slice(value.text);
        }
        let (mut from, mut named) = (0, false);
        for (at, word) in words(value.text) {
            kept.extend_from_slice(&value.text[from..at]);
            from = at + word.len();
            let capital = !word[0].is_ascii_lowercase() && !word[0].is_ascii_digit();
            let stays = if personal { at > 0 && value.text[at - 1] == b'@' } else { !(capital && named) };
            if stays && self.is_common(word) {
                kept.extend_from_slice(word);
                named |= capital;
            }
        }
        kept.extend_from_slice(&value.text[from..]);
    }
}

/// Whether a text is a moment as systems write it: what many have in common of those is how they begin.
fn is_time(text: &[u8]) -> bool {
    let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
    let rest = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b':' | b'.' | b'+' | b'T' | b'Z' | b' ');
    text.starts_with(b"20") && digits >= 12 && text.contains(&b':') && text.iter().all(rest)
}

/// The words of a text, each with its place. What holds an address or a name together does not part them.
fn words(text: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let of_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-' | b'\'') || !byte.is_ascii();
    let mut at = 0;
    std::iter::from_fn(move || {
        at += text[at..].iter().position(|byte| of_word(*byte))?;
        let (start, length) = (at, text[at..].iter().position(|byte| !of_word(*byte)).unwrap_or(text.len() - at));
        at += length;
        Some((start, &text[start..at]))
    })
}

/// A text or a long number of a payload, without its quotes.
struct Value<'s> {
    /// The name of the field that it stands in, or the last one before it.
    name: &'s [u8],
    text: &'s [u8],
    at: usize,
}

/// The values of JSON, in their order. What is no JSON gives what looks like some.
fn values(sample: &[u8]) -> impl Iterator<Item = Value<'_>> {
    let (mut at, mut name) = (0, &sample[..0]);
    std::iter::from_fn(move || {
        while at < sample.len() {
            let start = at;
            match sample[at] {
                b'"' => {
                    at += 1;
                    while at < sample.len() && sample[at] != b'"' {
                        at += if sample[at] == b'\\' { 2 } else { 1 };
                    }
                    let text = &sample[start + 1..at.min(sample.len())];
                    at += 1;
                    let is_name = sample.get(at..).unwrap_or_default().trim_ascii_start().first() == Some(&b':');
                    if !is_name {
                        return Some(Value { name, text, at: start + 1 });
                    }
                    name = text;
                }
                b'0'..=b'9' => {
                    while at < sample.len() && (sample[at].is_ascii_alphanumeric() || matches!(sample[at], b'.' | b'+' | b'-')) {
                        at += 1;
                    }
                    if at - start >= LONG_NUMBER {
                        return Some(Value { name, text: &sample[start..at], at: start });
                    }
                }
                _ => at += 1,
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_many_have_in_common_stays_and_what_tells_of_one_goes() {
        let samples: Vec<Vec<u8>> = (0..COMMON)
            .map(|number| {
                format!(
                    r#"{{"id": "d-{number}", "stage" : "Offer \"A\"", "name":"Kim Vos {number}", "firstName":"Kim", "by":["kim{number}@example.com"],
                    "phone":31612345678, "at":1772355600000, "on":"2026-03-01T10:00:0{number}Z", "n":17, "note":"call back in spring, {number}{number}", "x":"a\\"}}"#
                )
                .into_bytes()
            })
            .collect();
        let kept = String::from_utf8(anonymous(&samples).swap_remove(0)).unwrap();
        expect_test::expect![[r#"
            {"id": "", "stage" : "Offer \"A\"", "name":"Kim  ", "firstName":"", "by":["@example.com"],
                                "phone":, "at":1772355600000, "on":"2026-03-01T10:00:00Z", "n":17, "note":"call back in spring, 00", "x":"a\\"}"#]].assert_eq(&kept);
    }

    #[test]
    fn what_is_cut_off_harms_nobody() {
        for sample in ["", "{", r#"{"a"#, r#"{"a\"#, r#"{"a":"b\"#, "123456789", r#"["#, "\u{e9}\"\u{e9}"] {
            let _ = anonymous(&[sample.as_bytes().to_vec()]);
        }
        assert!(is_json(b" \n[1]") && !is_json(b"a=b") && !is_json(b""));
    }
}
