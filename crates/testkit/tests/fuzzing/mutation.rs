//! Twisting bytes and values.

use salesdash_engine::random::Random;
use salesdash_value::json::{self, Limits};
use salesdash_value::{Text, Value};

/// What trips readers.
const TOKENS: [&str; 32] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "\\udc00",
    "null",
    "true",
    "-0",
    "1e400",
    "-1e-400",
    "0.1e+",
    "99999999999999999999999999999999",
    "1E9999999999",
    "00",
    ".5",
    "\u{feff}",
    "\u{0}",
    "\r\n",
    "\u{2028}",
    "é",
    "😀",
    "%ff",
    "&",
    "=",
    "\"\":",
    "{\"type\":\"var\",\"var\":\"a.b\"}",
];

/// Texts that are nearly something.
const TEXTS: [&str; 30] = [
    "",
    " ",
    "0",
    "-1",
    "1e5",
    "NaN",
    "Infinity",
    "2026-02-30",
    "2026-03-29T02:30:00",
    "2026-10-25 02:30",
    "9999-12-31T23:59:60Z",
    "-9999-01-01",
    "+12026-01-01T00:00:00Z",
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "31/12/26",
    "00:00",
    "T",
    "Europe/Amsterdam",
    "Etc/Nowhere",
    "%Y-%m-%d",
    "%",
    "%9999999999f",
    "(",
    "(?P<a>x)",
    "((((a*)*)*)*)*",
    "a.b.c",
    "..",
    "+31612345678",
    "\u{202e}abc",
    "a@b",
];

/// Twists bytes a few times over.
pub fn bytes(random: &mut Random, bytes: &mut Vec<u8>, others: &[Vec<u8>]) {
    for _ in 0..=random.below(6) {
        let at = random.below(bytes.len() as u64 + 1) as usize;
        match random.below(8) {
            0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            1 => bytes.truncate(at),
            2 => {
                let end = (at + random.below(40) as usize).min(bytes.len());
                bytes.drain(at..end);
            }
            3 => {
                let end = (at + random.below(60) as usize).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                let times = 1 + random.below(40) as usize;
                splice(bytes, at, &copy.repeat(times));
            }
            4 => {
                let opening = (*random.pick(&["[", "{\"a\":", "[[{\"b\":", "(", "\\"])).repeat(1 + random.below(2_000) as usize);
                splice(bytes, at, opening.as_bytes());
            }
            5 => {
                let other = random.pick(others);
                let from = random.below(other.len() as u64 + 1) as usize;
                let end = (from + random.below(300) as usize).min(other.len());
                splice(bytes, at, &other[from..end]);
            }
            6 => {
                let noise: Vec<u8> = (0..random.below(12)).map(|_| random.next() as u8).collect();
                splice(bytes, at, &noise);
            }
            _ => splice(bytes, at, random.pick(&TOKENS).as_bytes()),
        }
    }
}

fn splice(bytes: &mut Vec<u8>, at: usize, with: &[u8]) {
    bytes.splice(at..at, with.iter().copied());
}

/// A text: nearly something, or one of these twisted.
pub fn text(random: &mut Random) -> String {
    let mut chars: Vec<char> = random.pick(&TEXTS).chars().collect();
    for _ in 0..random.below(4) {
        let at = random.below(chars.len() as u64 + 1) as usize;
        match random.below(4) {
            0 if at < chars.len() => drop(chars.remove(at)),
            1 => chars.splice(at..at, random.pick(&TEXTS).chars()).for_each(drop),
            2 => chars.insert(at, char::from_u32(random.below(0x1_1000) as u32).unwrap_or('\u{fffd}')),
            _ => chars.insert(at, *random.pick(&['0', '9', '-', ':', '.', '+', 'Z', '%', '|', '*', '\\'])),
        }
    }
    chars.into_iter().collect()
}

/// A small value of any kind.
pub fn leaf(random: &mut Random) -> Value {
    match random.below(8) {
        0 => Value::Null,
        1 => Value::from(random.chance(1, 2)),
        2 => Value::from(random.next() as i64),
        3 => json::parse(b"123456789012345678901234567890123.5", Limits::DEFAULT).unwrap_or_default(),
        4 => Value::list([]),
        5 => Value::object::<&str>([]),
        _ => Value::text(text(random)),
    }
}

/// The same value with about one in `rarity` of its nodes twisted: left out, doubled, renamed, replaced by a leaf or by one of `parts`.
pub fn value(random: &mut Random, of: &Value, rarity: u64, parts: &[Value]) -> Value {
    if random.chance(1, rarity) {
        return if random.chance(1, 2) { leaf(random) } else { random.pick(parts).clone() };
    }
    match of {
        Value::List(items) => {
            let mut out = Vec::with_capacity(items.len());
            for item in items.iter() {
                if random.chance(1, 2 * rarity) {
                    continue;
                }
                out.push(value(random, item, rarity, parts));
                if random.chance(1, 2 * rarity) {
                    out.push(item.clone());
                }
            }
            Value::list(out)
        }
        Value::Object(fields) => {
            let mut out: Vec<(Text, Value)> = Vec::with_capacity(fields.len());
            for (key, field) in fields.iter() {
                if random.chance(1, 2 * rarity) {
                    continue;
                }
                let key = match random.below(4 * rarity) {
                    0 => Text::new(text(random)),
                    1 => fields[random.below(fields.len() as u64) as usize].0.clone(),
                    _ => key.clone(),
                };
                out.push((key, value(random, field, rarity, parts)));
            }
            Value::object(out)
        }
        Value::Text(text) if random.chance(1, 2 * rarity) => {
            let mut chars: Vec<char> = text.chars().collect();
            let at = random.below(chars.len() as u64 + 1) as usize;
            if at < chars.len() && random.chance(1, 2) {
                chars.remove(at);
            } else {
                chars.insert(at, *random.pick(&['a', '_', '.', '0', ' ', 'é']));
            }
            Value::text(chars.into_iter().collect::<String>())
        }
        other => other.clone(),
    }
}
