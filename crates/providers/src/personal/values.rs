//! What texts look like.

use std::collections::HashSet;
use std::sync::OnceLock;

use salesdash_language::types::Personal;

/// What texts look like: a set, so that what several look like is their union.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Looks(u8);

/// The longest text that is a phone number, a name or an identifier.
const SHORT: usize = 64;

/// The longest text that is an address.
const ADDRESS: usize = 200;

/// The longest e-mail address (RFC 5321).
const EMAIL: usize = 254;

impl Looks {
    /// An e-mail address.
    pub(crate) const EMAIL: Self = Self(1);
    /// A phone number.
    pub(crate) const PHONE: Self = Self(1 << 1);
    /// A person's name: it begins with a known given name or a title.
    pub(crate) const NAME: Self = Self(1 << 2);
    /// Two or more words written as names are. Says little by itself.
    pub(crate) const NAME_LIKE: Self = Self(1 << 3);
    /// A street with a number.
    pub(crate) const ADDRESS: Self = Self(1 << 4);
    /// A bank account, a card, a social security number.
    pub(crate) const IDENTIFIER: Self = Self(1 << 5);
    /// A longer text with an e-mail address or a phone number in it.
    pub(crate) const FREE_TEXT: Self = Self(1 << 6);

    /// Every one with its name in stored shapes.
    pub(crate) const NAMES: [(Self, &'static str); 7] = [
        (Self::EMAIL, "email"),
        (Self::PHONE, "phone"),
        (Self::NAME, "name"),
        (Self::NAME_LIKE, "name_like"),
        (Self::ADDRESS, "address"),
        (Self::IDENTIFIER, "identifier"),
        (Self::FREE_TEXT, "free_text"),
    ];

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The categories it stands for.
    pub(crate) fn personal(self) -> Personal {
        let categories = [
            (Self::EMAIL, Personal::EMAIL),
            (Self::PHONE, Personal::PHONE),
            (Self::NAME, Personal::NAME),
            (Self::ADDRESS, Personal::ADDRESS),
            (Self::IDENTIFIER, Personal::IDENTIFIER),
            (Self::FREE_TEXT, Personal::FREE_TEXT),
        ];
        categories.into_iter().filter(|(look, _)| self.has(*look)).fold(Personal::NONE, |set, (_, category)| set.and(category))
    }

    /// What a text looks like.
    pub(crate) fn of(text: &str) -> Self {
        let text = text.trim();
        if text.len() < 4 {
            return Self::default();
        }
        if is_email(text) {
            return Self::EMAIL;
        }
        let mut looks = Self::default();
        if text.len() <= SHORT {
            if is_identifier(text) {
                return Self::IDENTIFIER;
            }
            if is_phone(text) {
                return Self::PHONE;
            }
            looks = name(text);
        }
        if text.len() <= ADDRESS && is_address(text) {
            looks = looks.and(Self::ADDRESS);
        }
        if holds_email(text) || holds_phone(text) {
            looks = looks.and(Self::FREE_TEXT);
        }
        looks
    }
}

fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b".!#$%&'*+-/=?^_`{|}~".contains(&byte) || !byte.is_ascii()
}

fn is_domain(text: &str) -> bool {
    let label =
        |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || !byte.is_ascii());
    text.rsplit_once('.').is_some_and(|(_, top)| top.len() >= 2 && !top.bytes().any(|byte| byte.is_ascii_digit()))
        && text.split('.').all(label)
}

fn is_email(text: &str) -> bool {
    text.len() <= EMAIL
        && text.rsplit_once('@').is_some_and(|(local, domain)| !local.is_empty() && local.bytes().all(is_local) && is_domain(domain))
}

/// Whether an e-mail address stands somewhere in a text.
fn holds_email(text: &str) -> bool {
    text.match_indices('@').any(|(at, _)| {
        let before = text.as_bytes()[..at].last().is_some_and(|byte| is_local(*byte) && *byte != b'/');
        let rest = &text[at + 1..];
        let end = rest.find(|next: char| !(next.is_alphanumeric() || matches!(next, '-' | '.'))).unwrap_or(rest.len());
        // `git@github.com:owner/repository` is the address of a machine.
        let is_remote = rest[end..].strip_prefix(':').is_some_and(|path| path.starts_with(|next: char| next.is_alphanumeric()));
        before && !is_remote && is_domain(rest[..end].trim_end_matches('.'))
    })
}

/// Whether a phone number in its international form stands somewhere in a text.
fn holds_phone(text: &str) -> bool {
    text.match_indices('+').any(|(plus, _)| {
        let begins = text[..plus].chars().next_back().is_none_or(|before| !before.is_alphanumeric());
        let rest = &text[plus + 1..];
        let number = rest
            .find(|next: char| !(next.is_ascii_digit() || matches!(next, ' ' | '-' | '(' | ')' | '.')))
            .map_or(rest, |end| &rest[..end]);
        begins && rest.starts_with(|first: char| matches!(first, '1'..='9' | '(')) && (9..=15).contains(&digits(number))
    })
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// Whether a text is a phone number: international (`+31 6 12345678`), national with its leading zero or area code (`0612345678`,
/// `(800) 123-4567`, `800-123-4567`). Bare digits that could as well be an id or a date are not.
fn is_phone(text: &str) -> bool {
    let text = text.strip_prefix("tel:").unwrap_or(text);
    // An extension does not make it another number.
    let number = text.find(['x', 'e', ';']).map_or(text, |position| &text[..position]).trim_end();
    if !number.bytes().all(|byte| byte.is_ascii_digit() || b" -.()/+\xc2\xa0".contains(&byte)) {
        return false;
    }
    let count = digits(number);
    if let Some(rest) = number.strip_prefix('+') {
        return !rest.contains('+') && rest.starts_with(|first: char| matches!(first, '1'..='9' | '(')) && (8..=15).contains(&count);
    }
    if number.contains('+') {
        return false;
    }
    let groups: Vec<usize> = number.split(|next: char| !next.is_ascii_digit()).map(str::len).filter(|length| *length > 0).collect();
    let leading_zero = number.starts_with('0') || number.starts_with("(0");
    match &groups[..] {
        [_] if number.starts_with("00") => (11..=15).contains(&count) && !number.starts_with("000"),
        [_] => leading_zero && matches!(count, 10 | 11),
        [3, 3, 4] | [1, 3, 3, 4] => true,
        _ => leading_zero && (9..=13).contains(&count) && !number.contains('.') || number.starts_with('(') && (9..=13).contains(&count),
    }
}

/// Whether a text is an IBAN, a payment card written in groups, or a social security number of the United States.
fn is_identifier(text: &str) -> bool {
    is_iban(text) || is_card(text) || is_social_security_number(text)
}

fn is_iban(text: &str) -> bool {
    let compact: Vec<u8> = text.bytes().filter(|byte| *byte != b' ').collect();
    let shape = (15..=34).contains(&compact.len())
        && compact[..2].iter().all(u8::is_ascii_uppercase)
        && compact[2..4].iter().all(u8::is_ascii_digit)
        && compact.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    // ISO 7064, mod 97-10.
    shape
        && compact[4..].iter().chain(&compact[..4]).fold(0u32, |rest, byte| {
            let value = char::from(*byte).to_digit(36).unwrap_or(0);
            (rest * if value > 9 { 100 } else { 10 } + value) % 97
        }) == 1
}

fn is_card(text: &str) -> bool {
    let groups: Vec<&str> = text.split([' ', '-']).collect();
    let shape = groups.len() == 4 && groups.iter().all(|group| group.len() == 4 && group.bytes().all(|byte| byte.is_ascii_digit()));
    // Luhn.
    let sum: u32 = text
        .chars()
        .filter_map(|next| next.to_digit(10))
        .rev()
        .enumerate()
        .map(|(index, digit)| if index % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 })
        .sum();
    shape && sum.is_multiple_of(10)
}

fn is_social_security_number(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.len() == 3 && [3, 2, 4].iter().zip(&groups).all(|(length, group)| group.len() == *length && digits(group) == *length)
}

/// Words that stand between the parts of a name.
const PARTICLES: &[&str] = &[
    "van", "de", "der", "den", "het", "'t", "ten", "ter", "te", "von", "vom", "zu", "und", "da", "dos", "das", "di", "del", "della", "du",
    "des", "la", "le", "bin", "ibn", "al", "el", "y", "e",
];

/// Titles before a name.
const TITLES: &[&str] = &[
    "mr", "mrs", "ms", "miss", "dr", "prof", "dhr", "mevr", "mevrouw", "meneer", "mw", "drs", "ir", "ing", "herr", "frau", "mme", "mlle",
    "sr", "sra",
];

fn given_names() -> &'static HashSet<&'static str> {
    static NAMES: OnceLock<HashSet<&'static str>> = OnceLock::new();
    NAMES.get_or_init(|| include_str!("given_names.txt").split_whitespace().collect())
}

/// Whether a word is a given name that many people have.
fn is_given_name(word: &str) -> bool {
    let first = word.split('-').next().unwrap_or(word);
    let plain: String = first.chars().flat_map(char::to_lowercase).map(super::names::plain).collect();
    given_names().contains(plain.as_str())
}

fn is_name_word(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_uppercase) && letters.all(|next| next.is_alphabetic() || matches!(next, '-' | '\'' | '’' | '.'))
}

fn name(text: &str) -> Looks {
    if !text.contains(' ') || text.bytes().any(|byte| byte.is_ascii_digit()) {
        return Looks::default();
    }
    // `Jansen, Anna`
    let turned = text.split_once(", ").map(|(last, first)| format!("{first} {last}"));
    let words: Vec<&str> = turned.as_deref().unwrap_or(text).split_whitespace().collect();
    let is_part = |word: &&str| is_name_word(word) || PARTICLES.contains(word);
    if !(2..=6).contains(&words.len()) || !words.iter().all(is_part) || !words.last().is_some_and(|word| is_name_word(word)) {
        return Looks::default();
    }
    let title = words[0].trim_end_matches('.').to_lowercase();
    if TITLES.contains(&title.as_str()) || is_name_word(words[0]) && is_given_name(words[0]) {
        return Looks::NAME.and(Looks::NAME_LIKE);
    }
    if turned.is_none() && is_name_word(words[0]) { Looks::NAME_LIKE } else { Looks::default() }
}

/// Words for a street that stand alone.
const STREETS: &[&str] = &[
    "street",
    "st",
    "avenue",
    "ave",
    "road",
    "rd",
    "lane",
    "ln",
    "drive",
    "boulevard",
    "blvd",
    "court",
    "square",
    "terrace",
    "rue",
    "chemin",
    "calle",
    "avenida",
    "via",
    "piazza",
    "rua",
    "laan",
    "weg",
    "plein",
    "platz",
    "allee",
];

/// Endings of words for a street.
const STREET_ENDINGS: &[&str] = &[
    "straat", "laan", "weg", "plein", "gracht", "kade", "dijk", "singel", "steeg", "strasse", "straße", "str.", "gasse", "platz", "allee",
];

/// Whether a text is a street with a house number, and maybe more lines of an address.
fn is_address(text: &str) -> bool {
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let words: Vec<String> = text
        .split(|next: char| next.is_whitespace() || next == ',')
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().flat_map(char::to_lowercase).collect())
        .collect();
    let is_number = |word: &String| word.len() <= 6 && word.starts_with(|first: char| first.is_ascii_digit());
    words.iter().enumerate().any(|(index, word)| {
        let next_is_number = words.get(index + 1).is_some_and(is_number);
        let alone = STREETS.contains(&word.trim_end_matches('.'));
        let ending = STREET_ENDINGS.iter().any(|ending| word.len() > ending.len() + 1 && word.ends_with(ending));
        // `1 Main St`, `12 rue de la Paix`; `Calle Mayor 5`; `Hoofdstraat 12`.
        let number_first = alone && (1..=4).contains(&index) && is_number(&words[0]);
        let number_last = alone && words[index + 1..].iter().take(4).any(is_number) && index == 0;
        ending && next_is_number || number_first || number_last
    })
}

#[cfg(test)]
mod tests {
    use super::super::looks_personal;

    fn check(category: Option<&str>, texts: &[&str]) {
        for text in texts {
            assert_eq!(looks_personal(text), category, "{text}");
        }
    }

    #[test]
    fn what_is_personal() {
        check(Some("email"), &["jo@example.com", " Jo.van-Dam+x@mail.example.co.uk ", "zoë@exämple.nl", "JohnDeo@gmail.comm"]);
        check(
            Some("phone"),
            &[
                "+31612345678",
                "+31 6 12 34 56 78",
                "+1 800-123-4567",
                "+1 (800) 123-4567",
                "0612345678",
                "06-12345678",
                "020 123 4567",
                "(020) 1234567",
                "800-123-4567",
                "(800) 123-4567",
                "1-800-123-4567",
                "0031612345678",
                "tel:+31612345678",
                "+49 30 1234567 ext 12",
            ],
        );
        check(
            Some("name"),
            &[
                "John Deo",
                "Anna Bakker",
                "Jan-Willem de Vries",
                "Zoë van 't Hof",
                "ANNA BAKKER",
                "Jansen, Anna",
                "Dhr. Jansen",
                "Maria del Carmen",
            ],
        );
        check(
            Some("address"),
            &[
                "1 Main St",
                "3535 1st St N",
                "9 Tagore Lane\nSingapore 787472",
                "Hoofdstraat 12",
                "Lange Poten 1, Kerkweg 2a",
                "12 rue de la Paix",
                "Calle Mayor 5",
                "Berliner Str. 3, Königstr. 4",
            ],
        );
        check(Some("identifier"), &["NL91 ABNA 0417 1643 00", "DE89370400440532013000", "4111 1111 1111 1111", "123-45-6789"]);
        check(Some("free_text"), &["call me at jo@example.com!", "Jo <jo@example.com>", "bel +31 6 12345678 na zessen"]);
    }

    #[test]
    fn what_is_not() {
        check(
            None,
            &[
                "",
                "x",
                "Roof repair",
                "Acme Roofing",
                "won",
                "2023-09-25",
                "2023-09-25T16:00:00+05:30",
                "2023-04-07 04:10:00",
                "25-09-2023",
                "1680840600",
                "1680840600460452",
                "123456789",
                "192.168.100.100",
                "1.234.567.890",
                "FCFA 2,000,000",
                "2024-000123",
                "1500.50",
                "+05:30",
                "+100",
                "10:30",
                "https://example.com/@jo/x",
                "@handle",
                "a@b",
                "2f1c0f0e-6a0f-4f9e-8a5d-000000000001",
                "ve9EPM428h8vShlRW1KT",
                "Europe/Amsterdam",
                "Appointment booked",
                "Working on it",
                "First Opportunity",
                "United Oil & Gas",
                "node-fetch/1.0 (+https://github.com/bitinn/node-fetch)",
                "4111 1111 1111 1112",
                "NL91 ABNA 0417 1643 01",
                "Step 1 of 3",
                "v1.2.3",
                "c++ 11",
                "git@github.com:owner/repository.git",
                "onderweg",
                "straat",
                "#00c875",
            ],
        );
    }
}
