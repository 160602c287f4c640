//! What tells that something is of a contact: the texts that an administrator gives, in every form in which they come.

use salesdash_language::effect::Outcome;
use salesdash_language::identity::{IdentityKey, is_hashed};
use salesdash_language::mask::{looks_personal, names_personal};
use salesdash_language::types::{Shape, Type};
use salesdash_value::{Text, Value, json, number};
use salesdash_vocabulary::phone_number;

/// Digits that a text must have to be tried as a phone number.
const PHONE_DIGITS: usize = 7;
/// Digits that a phone number has at most.
const MOST_DIGITS: usize = 15;
/// Groups of digits that a phone number is written in at most: `06 12 34 56 78` has five.
const MOST_GROUPS: usize = 8;

/// A contact, by what identifies it.
pub(super) struct Contact {
    identity: IdentityKey,
    country: Option<Text>,
    /// The texts, trimmed and in small letters; of phone numbers their E.164 form too.
    texts: Vec<String>,
    /// The keyed hashes of the texts, as records hold them, and those that were given as such.
    keys: Vec<Text>,
    /// Those of the texts that are e-mail addresses: they are looked for within longer texts too.
    addresses: Vec<String>,
    /// Whether one of the texts is a phone number.
    phones: bool,
    /// Whether a hash was given whose text nobody knows.
    unknown: bool,
}

/// A text as it is compared.
fn plain(text: &str) -> String {
    text.trim().to_lowercase()
}

fn is_address(text: &str) -> bool {
    text.contains('@') && looks_personal(text)
}

/// Whether a text is likely to stand for one person wherever it is, whatever field it is in.
fn is_distinct(text: &str) -> bool {
    looks_personal(text)
}

impl Contact {
    pub fn new(given: &[String], identity: IdentityKey, country: Option<Text>) -> Self {
        let mut contact =
            Self { identity, country, texts: Vec::new(), keys: Vec::new(), addresses: Vec::new(), phones: false, unknown: false };
        for text in given {
            if is_hashed(text.trim()) {
                contact.unknown = true;
                contact.add_key(Text::new(text.trim()));
                continue;
            }
            contact.add_text(plain(text));
            if let Some(phone) = contact.phone(text) {
                contact.phones = true;
                contact.add_text(phone.to_string());
            }
        }
        contact
    }

    fn add_text(&mut self, text: String) {
        self.add_key(self.identity.hash(&text));
        if is_address(&text) {
            self.addresses.push(text.clone());
        }
        if !self.texts.contains(&text) {
            self.texts.push(text);
        }
    }

    fn add_key(&mut self, key: Text) {
        if !self.keys.contains(&key) {
            self.keys.push(key);
        }
    }

    /// The keyed hashes by which records name it.
    pub fn keys(&self) -> &[Text] {
        &self.keys
    }

    /// What was given, in a word each, without saying it.
    pub fn kinds(given: &[String], country: Option<&str>) -> Vec<String> {
        let kind = |text: &String| match text {
            text if is_hashed(text.trim()) => "hash",
            text if is_address(text) => "email",
            text if phone_number(text, country).is_some() => "phone",
            _ => "text",
        };
        given.iter().map(|text| kind(text).to_owned()).collect()
    }

    fn phone(&self, text: &str) -> Option<Text> {
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        if digits < PHONE_DIGITS { None } else { phone_number(text, self.country.as_deref()) }
    }

    /// Whether a text is the contact's. One that is no address and no phone number can stand for something else too, so it counts only
    /// where the text is `personal`.
    fn is(&self, text: &str, personal: bool) -> bool {
        if is_hashed(text) {
            return self.keys.iter().any(|key| key == text);
        }
        let plain = plain(text);
        if self.texts.contains(&plain) {
            return personal || is_distinct(&plain);
        }
        if self.mentions(&plain) {
            return true;
        }
        if (self.phones || self.unknown)
            && let Some(phone) = self.phone(text)
            && (self.texts.iter().any(|known| known == phone.as_str()) || self.unknown && self.keys.contains(&self.identity.hash(&phone)))
        {
            return true;
        }
        self.calls(&plain) || self.unknown && (personal || is_distinct(text)) && self.keys.contains(&self.identity.hash(text))
    }

    /// Whether one of its phone numbers stands within a text, however it is written there.
    fn calls(&self, text: &str) -> bool {
        if !self.phones && !self.unknown {
            return false;
        }
        // Whatever prefix is written, a number ends with the same digits: little else has to be tried.
        let ends: Vec<&str> =
            self.texts.iter().filter(|text| text.starts_with('+')).map(|text| &text[text.len() - PHONE_DIGITS.min(text.len())..]).collect();
        let ours = |number: &str, digits: &str| {
            (self.unknown || ends.iter().any(|end| digits.ends_with(end)))
                && self.phone(number).is_some_and(|phone| {
                    self.texts.iter().any(|known| known == phone.as_str())
                        || self.unknown && self.keys.contains(&self.identity.hash(&phone))
                })
        };
        runs(text).any(|run| {
            let groups = groups(run);
            (0..groups.len()).any(|first| {
                let mut digits = String::new();
                groups[first..].iter().take(MOST_GROUPS).any(|group| {
                    digits.push_str(&run[group.clone()]);
                    // As it is written, since `+31 (0)6` is not read as its digits alone are.
                    let start = groups[first].start;
                    let start = if run[..start].ends_with('+') { start - 1 } else { start };
                    (PHONE_DIGITS..=MOST_DIGITS).contains(&digits.len()) && ours(&run[start..group.end], &digits)
                })
            })
        })
    }

    /// Whether one of its addresses stands within a text (in small letters) as a word of its own.
    fn mentions(&self, text: &str) -> bool {
        let of_address = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-') || !byte.is_ascii();
        self.addresses.iter().any(|address| {
            text.match_indices(address.as_str()).any(|(at, _)| {
                let before = text.as_bytes()[..at].last().copied();
                let rest = &text.as_bytes()[at + address.len()..];
                // A dot behind it ends a sentence, or goes on with the domain.
                let goes_on = match rest {
                    [b'.', next, ..] => next.is_ascii_alphanumeric(),
                    [b'.'] | [] => false,
                    [next, ..] => of_address(*next),
                };
                !before.is_some_and(of_address) && !goes_on
            })
        })
    }

    /// Whether a value holds something of the contact. What is declared personal counts as such with all that is in it; in what is not
    /// declared, what looks so.
    pub fn is_in(&self, value: &Value, ty: &Type) -> bool {
        self.within(value, ty, false)
    }

    fn within(&self, value: &Value, ty: &Type, personal: bool) -> bool {
        let personal = personal || !ty.personal.is_none();
        match value {
            Value::Text(text) => self.is(text, personal),
            Value::Number(value) => (personal || self.phones) && self.is(&number::plain(*value), personal),
            Value::List(items) => {
                let item = if let Shape::Array(item) = &ty.shape { item } else { &Type::ANY };
                items.iter().any(|value| self.within(value, item, personal))
            }
            Value::Object(fields) => fields.iter().any(|(name, value)| {
                let declared = if let Shape::Object(object) = &ty.shape { object.field(name) } else { None };
                let personal = personal || declared.is_none() && names_personal(name);
                self.is(name, false) || self.within(value, declared.unwrap_or(&Type::ANY), personal)
            }),
            _ => false,
        }
    }

    /// Whether a body holds something of the contact. What is no JSON is taken for what forms and tables are made of.
    pub fn is_in_body(&self, body: &[u8]) -> bool {
        if let Ok(value) = json::parse(body, json::Limits::DEFAULT) {
            return self.is_in(&value, &Type::ANY);
        }
        let text = String::from_utf8_lossy(body).replace("%40", "@").replace('+', " ").replace("%2B", "+").replace("%20", " ");
        self.mentions(&text.to_lowercase())
            || self.calls(&text)
            || text.split(['&', '=', '\n', '\r', '\t', ',', ';', '"']).any(|part| self.is(part, false))
    }

    /// Whether an evaluation writes something of the contact.
    pub fn is_written_by(&self, outcome: &Outcome) -> bool {
        let ours = |value: &Value| value.as_text().is_some_and(|text| is_hashed(text) && self.is(text, false));
        outcome.effects.iter().any(|effect| effect.fields.iter().any(|(_, value)| ours(value)))
    }

    /// Whether bytes hold one of its keys.
    pub fn key_in(&self, bytes: &[u8]) -> bool {
        self.keys.iter().any(|key| bytes.windows(key.len()).any(|part| part == key.as_bytes()))
    }

    /// Whether the key of a record tells who it is.
    pub fn tells(&self, key: &str) -> bool {
        self.is(key, true) || self.keys.contains(&self.identity.hash(key))
    }

    /// Whether a sentence names it.
    pub fn is_named_in(&self, sentence: &str) -> bool {
        let plain = plain(sentence);
        self.mentions(&plain)
            || self.calls(&plain)
            || self.texts.iter().any(|text| is_distinct(text) && plain.contains(text.as_str()))
            || self.key_in(sentence.as_bytes())
    }
}

/// The parts of a text in which only what phone numbers are written with stands: digits, and what stands between them.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let written = |letter: char| letter.is_ascii_digit() || matches!(letter, ' ' | '\u{a0}' | '-' | '.' | '/' | '(' | ')' | '+');
    text.split(move |letter| !written(letter)).filter(|run| run.bytes().filter(u8::is_ascii_digit).count() >= PHONE_DIGITS)
}

/// Where the groups of digits of a run stand.
fn groups(run: &str) -> Vec<std::ops::Range<usize>> {
    let mut groups: Vec<std::ops::Range<usize>> = Vec::new();
    for (at, _) in run.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_digit()) {
        match groups.last_mut() {
            Some(last) if last.end == at => last.end = at + 1,
            _ => groups.push(at..at + 1),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use salesdash_language::types::Personal;

    use super::*;

    fn contact(given: &[&str]) -> Contact {
        let given: Vec<String> = given.iter().map(ToString::to_string).collect();
        Contact::new(&given, IdentityKey::new(b"key"), Some(Text::new_static("NL")))
    }

    #[test]
    fn an_address_is_found_wherever_it_stands_and_only_whole() {
        let contact = contact(&["Jan@Example.com"]);
        for text in ["jan@example.com", " JAN@EXAMPLE.COM ", "mail jan@example.com.", "<jan@example.com>", "a:jan@example.com,b"] {
            assert!(contact.is(text, false), "{text}");
        }
        for text in ["marjan@example.com", "jan@example.com.au", "x.jan@example.com", "jan@example.community", "jan", ""] {
            assert!(!contact.is(text, false), "{text}");
        }
    }

    #[test]
    fn a_phone_number_is_found_in_every_way_of_writing_it() {
        let contact = contact(&["06-12345678"]);
        for text in ["+31612345678", "0612345678", "+31 6 1234 5678", "(06) 12 34 56 78"] {
            assert!(contact.is(text, false), "{text}");
        }
        assert!(!contact.is("+31612345679", false));
    }

    #[test]
    fn a_phone_number_is_found_within_longer_text_and_only_whole() {
        let contact = contact(&["06-12345678"]);
        for text in [
            "call me at 06-12 34 56 78",
            "Bel 0612345678, liefst na 17:00",
            "(+31 6 1234 5678) of per mail",
            "mobiel: +31 (0)6 12345678.",
            "op 3-4 gebeld 06 12345678 2 keer",
            "0031612345678 of 020-7654321",
        ] {
            assert!(contact.is(text, false), "{text}");
            assert!(contact.is_named_in(text), "{text}");
        }
        for text in ["call me at 06-12 34 56 79", "order 100612345678", "06123456780 is not hers", "2026-03-01 12:34:56.78", "12345678", ""]
        {
            assert!(!contact.is(text, false), "{text}");
        }
        assert!(contact.is_in_body(b"note=bel%20mij+op+06-12345678&x=1"));
        // One who is given by a hash alone is found likewise.
        let phone = IdentityKey::new(b"key").hash("+31612345678");
        assert!(self::contact(&[&phone]).is("Bel 06 12 34 56 78 na vijven", false));
    }

    #[test]
    fn a_text_that_can_stand_for_anything_counts_only_where_it_is_personal() {
        let contact = contact(&["17"]);
        let value = |text: &str| Value::object([("amount", Value::from(text)), ("n", 17.into())]);
        assert!(!contact.is_in(&value("17"), &Type::ANY));
        assert!(contact.is_in(&Value::object([("first_name", Value::from("17"))]), &Type::ANY));
        assert!(contact.is_in(&Value::from("17"), &Type::STRING.with_personal(Personal::IDENTIFIER)));
    }

    #[test]
    fn a_hash_finds_the_text_that_nobody_gave() {
        let key = IdentityKey::new(b"key").hash("jan@example.com");
        let contact = contact(&[&key]);
        assert!(contact.is("Jan@example.com", false) && contact.is(&key, false));
        assert!(!contact.is("kim@example.com", false));
        let phone = IdentityKey::new(b"key").hash("+31612345678");
        assert!(self::contact(&[&phone]).is("06 12345678", false));
    }

    #[test]
    fn forms_and_tables_are_looked_through() {
        let contact = contact(&["jan@example.com"]);
        assert!(contact.is_in_body(b"name=Jan&email=jan%40example.com"));
        assert!(contact.is_in_body(b"id,email\n1,jan@example.com\n"));
        assert!(contact.is_in_body(br#"[{"a":{"b":"x"}},{"mails":{"jan@example.com":1}}]"#));
        assert!(!contact.is_in_body(b"name=Jan&email=kim%40example.com"));
    }
}
