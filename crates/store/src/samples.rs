//! What a dictionary is trained on: payloads without what tells of one person.
//!
//! A dictionary outlives the payloads that it was trained on, and whoever is erased must not be left in it. Leaving out everything that few
//! payloads have would make payloads half as large again: what is in them is alike in parts that no rule names.

use std::collections::HashMap;

use salesdash_language::mask::{looks_personal, names_personal};

/// Payloads that a name, a word of one, or a domain has to stand in to be kept.
const COMMON: u32 = 8;
/// Bytes of a phone number that stay.
const COUNTRY: usize = 4;
/// Bytes from which on a number is looked at like a text: a phone number is one.
const LONG_NUMBER: usize = 6;

/// Whether a payload is JSON, as far as its first byte goes.
pub(crate) fn is_json(content: &[u8]) -> bool {
    matches!(content.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// The payloads without what tells of one person: what looks personal, or stands in a field whose name says so, save the domain of an
/// address that many have and the country of a phone number; whatever stands before an `@`; and of a name all but one of the words that
/// many have.
pub(crate) fn anonymous(samples: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut known = Known::default();
    for (place, sample) in samples.iter().enumerate() {
        for value in looked_at(sample) {
            known.count(value.text, place);
            words(value.text).for_each(|(_, word)| known.count(word, place));
        }
    }
    samples
        .iter()
        .map(|sample| {
            let (mut kept, mut from) = (Vec::with_capacity(sample.len()), 0);
            for value in looked_at(sample) {
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
        let name = String::from_utf8_lossy(value.name);
        let personal = looks_personal(&String::from_utf8_lossy(value.text)) || names_personal(&name);
        let names = name.to_lowercase().ends_with("name") && !self.is_common(value.text);
        if !personal && !names && !value.text.contains(&b'@') {
            return kept.extend_from_slice(value.text);
        }
        if personal && value.text.first() == Some(&b'+') {
            return kept.extend_from_slice(&value.text[..value.text.len().min(COUNTRY)]);
        }
        let (mut from, mut named) = (0, false);
        for (at, word) in words(value.text) {
            kept.extend_from_slice(&value.text[from..at]);
            from = at + word.len();
            let capital = !word[0].is_ascii_lowercase() && !word[0].is_ascii_digit();
            let stays = if personal {
                at > 0 && value.text[at - 1] == b'@' && self.is_common(word)
            } else if value.text.get(from) == Some(&b'@') {
                false
            } else {
                !names || !(capital && named) && self.is_common(word)
            };
            if stays {
                kept.extend_from_slice(word);
                named |= capital;
            }
        }
        kept.extend_from_slice(&value.text[from..]);
    }
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

/// A text or a number of a payload, without its quotes.
pub(crate) struct Value<'s> {
    /// The name of the field that it stands in, or the last one before it.
    name: &'s [u8],
    /// It itself.
    pub text: &'s [u8],
    /// Where it begins.
    pub at: usize,
}

/// The values that can tell of one person: texts and long numbers.
fn looked_at(sample: &[u8]) -> impl Iterator<Item = Value<'_>> {
    values(sample).filter(|value| value.text.len() >= LONG_NUMBER || value.at > 0 && sample[value.at - 1] == b'"')
}

/// The texts and numbers of JSON, in their order. What is no JSON gives what looks like some.
pub(crate) fn values(sample: &[u8]) -> impl Iterator<Item = Value<'_>> {
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
                    return Some(Value { name, text: &sample[start..at], at: start });
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
                    "phone":31612345678, "at":1772355600000, "on":"2026-03-01T10:00:0{number}Z", "n":17, "note":"mail kim{number}@example.com", "x":"a\\"}}"#
                )
                .into_bytes()
            })
            .collect();
        let kept = String::from_utf8(anonymous(&samples).swap_remove(0)).unwrap();
        expect_test::expect![[r#"
            {"id": "d-0", "stage" : "Offer \"A\"", "name":"Kim  ", "firstName":"", "by":["@example.com"],
                                "phone":, "at":1772355600000, "on":"2026-03-01T10:00:00Z", "n":17, "note":"mail @example.com", "x":"a\\"}"#]].assert_eq(&kept);
    }

    #[test]
    fn what_is_cut_off_harms_nobody() {
        for sample in ["", "{", r#"{"a"#, r#"{"a\"#, r#"{"a":"b\"#, "123456789", r#"["#, "\u{e9}\"\u{e9}"] {
            let _ = anonymous(&[sample.as_bytes().to_vec()]);
        }
        assert!(is_json(b" \n[1]") && !is_json(b"a=b") && !is_json(b""));
    }
}
