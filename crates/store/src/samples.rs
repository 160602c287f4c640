//! What a dictionary is trained on: payloads without what tells of one person or one record.
//!
//! A dictionary outlives the payloads that it was trained on, and whoever is erased must not be left in it. It is made of what many payloads
//! have in common, so nothing is lost by leaving out what few have.

use std::collections::HashMap;

use salesdash_language::mask::{looks_personal, names_personal};

/// Payloads that a value has to stand in to be kept.
const COMMON: u32 = 8;
/// Bytes from which on a number is looked at like a text: a phone number is one.
const LONG_NUMBER: usize = 6;

/// Whether a payload is JSON, as far as its first byte goes.
pub(crate) fn is_json(content: &[u8]) -> bool {
    matches!(content.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// The payloads without their values that look personal, stand in a field whose name says so, or stand in few of them.
pub(crate) fn anonymous(samples: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut known: HashMap<&[u8], (u32, usize)> = HashMap::new();
    for (place, sample) in samples.iter().enumerate() {
        for value in values(sample) {
            let (count, last) = known.entry(value.text).or_insert((0, usize::MAX));
            if *last != place {
                (*count, *last) = (*count + 1, place);
            }
        }
    }
    let stays = |value: &Value<'_>| {
        let (text, name) = (String::from_utf8_lossy(value.text), String::from_utf8_lossy(value.name));
        known.get(value.text).is_some_and(|(count, _)| *count >= COMMON) && !looks_personal(&text) && !names_personal(&name)
    };
    samples
        .iter()
        .map(|sample| {
            let (mut kept, mut from) = (Vec::with_capacity(sample.len()), 0);
            for value in values(sample).filter(|value| !stays(value)) {
                kept.extend_from_slice(&sample[from..value.at]);
                from = value.at + value.text.len();
            }
            kept.extend_from_slice(&sample[from..]);
            kept
        })
        .collect()
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
                    r#"{{"id": "d-{number}", "stage" : "Offer \"A\"", "name":"Kim Vos {number}", "firstName":"Kim", "by":["info@example.com"],
                    "phone":31612345678, "at":1772355600000, "n":17, "open":true, "x":"a\\"}}"#
                )
                .into_bytes()
            })
            .collect();
        let kept = String::from_utf8(anonymous(&samples).swap_remove(0)).unwrap();
        expect_test::expect![[r#"
            {"id": "", "stage" : "Offer \"A\"", "name":"", "firstName":"", "by":[""],
                                "phone":, "at":1772355600000, "n":17, "open":true, "x":"a\\"}"#]]
        .assert_eq(&kept);
    }

    #[test]
    fn what_is_cut_off_harms_nobody() {
        for sample in ["", "{", r#"{"a"#, r#"{"a\"#, r#"{"a":"b\"#, "123456789", r#"["#, "\u{e9}\"\u{e9}"] {
            let _ = anonymous(&[sample.as_bytes().to_vec()]);
        }
        assert!(is_json(b" \n[1]") && !is_json(b"a=b") && !is_json(b""));
    }
}
