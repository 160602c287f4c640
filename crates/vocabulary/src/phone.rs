//! Phone numbers as people write them, and their E.164 form.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use phonenumber::country::Id;
use phonenumber::metadata::DATABASE;
use regex::{Regex, RegexBuilder};
use salesdash_value::Text;

/// The longest text that is read as a phone number, in bytes.
const MAX_LENGTH: usize = 250;

/// A number in digits and what people put between them, with or without an extension, which is left out.
static WRITTEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^\s*(?:tel:)?([^\p{L};#]*\d[^\p{L};#]*)(?:(?:;?ext(?:ension|n)?|x|#)[\s.:=]*\d{1,7})?\s*$").expect("a valid pattern")
});

/// What the national part of a number looks like, by country code. Several countries can share one: `1`, for instance. A pattern is
/// compiled when the first number with its code is seen.
static FORMS: LazyLock<HashMap<u16, Form>> = LazyLock::new(|| {
    let form = |code| {
        let countries = DATABASE.by_code(&code)?;
        let patterns: Vec<&str> = countries.iter().map(|country| country.descriptors().general().national_number().as_str()).collect();
        Some((code, Form { pattern: format!("^(?:{})$", patterns.join("|")), compiled: OnceLock::new() }))
    };
    (1..1000).filter_map(form).collect()
});

/// A pattern of national numbers.
struct Form {
    pattern: String,
    /// `None` where it is not a pattern.
    compiled: OnceLock<Option<Regex>>,
}

impl Form {
    fn fits(&self, national: &str) -> bool {
        let compiled = self.compiled.get_or_init(|| RegexBuilder::new(&self.pattern).ignore_whitespace(true).build().ok());
        compiled.as_ref().is_some_and(|pattern| pattern.is_match(national))
    }
}

/// The E.164 form of a phone number: `+31201234567`. A number without a country code is one of the country. `None` where the text does
/// not read as a phone number, or has too many or too few digits to be one.
pub fn e164(text: &str, country: Option<Id>) -> Option<Text> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let number = phonenumber::parse(country, WRITTEN.captures(text)?.get(1)?.as_str()).ok()?;
    // Whether the number is in use is not asked: the lists of those grow old. That it has the form of a number is enough.
    let fits = FORMS.get(&number.code().value()).is_some_and(|form| form.fits(&number.national().to_string()));
    fits.then(|| Text::new(number.format().mode(phonenumber::Mode::E164).to_string()))
}

/// A country by its two letters of ISO 3166-1.
pub fn country(code: &str) -> Option<Id> {
    code.parse().ok()
}

/// What was meant by something that is not the code of a country.
pub fn nearest_country(written: &str) -> Option<String> {
    let written = written.trim().to_uppercase();
    // The country code of the United Kingdom is not that of its domain names.
    let meant = if written == "UK" { "GB".to_owned() } else { written };
    country(&meant).map(|_| meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, country: &str, expected: Option<&str>) {
        assert_eq!(e164(text, super::country(country)).as_deref(), expected, "{text}");
    }

    #[test]
    fn numbers_as_people_write_them() {
        for text in ["020 123 4567", "(020) 123-4567", "+31 (0)20 123 4567", "0031201234567", "31201234567", "tel:+31-20-1234567"] {
            check(text, "NL", Some("+31201234567"));
        }
        check(" 020-123 45 67 ext. 12 ", "NL", Some("+31201234567"));
        check("0201234567x12", "NL", Some("+31201234567"));
        check("+31 20 123 4567", "", Some("+31201234567"));
        check("(555) 123-4567", "US", Some("+15551234567"));
        check("06 1234 5678", "IT", Some("+390612345678"));
        check("+800 1234 5678", "", Some("+80012345678"));
    }

    #[test]
    fn what_is_not_a_number() {
        for text in
            ["", "12", "abc", "2026-03-01", "call me at 020 1234567", "0612345", "06123456789012", "0000000000", "+999123456", "+31"]
        {
            check(text, "NL", None);
        }
        check("020 123 4567", "", None);
        check(&format!("020 123 4567{}", " ".repeat(MAX_LENGTH)), "NL", None);
    }

    #[test]
    fn the_form_of_every_country_is_a_pattern() {
        for form in FORMS.values() {
            assert!(!form.fits("") && form.compiled.get().is_some_and(Option::is_some), "{}", form.pattern);
        }
    }

    #[test]
    fn countries_by_their_two_letters() {
        assert_eq!(country("NL"), Some(Id::NL));
        assert_eq!(country("nl"), None);
        assert_eq!(nearest_country("nl").as_deref(), Some("NL"));
        assert_eq!(nearest_country("UK").as_deref(), Some("GB"));
        assert_eq!(nearest_country("Holland"), None);
    }
}
