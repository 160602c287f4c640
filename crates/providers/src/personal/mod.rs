//! What looks like personal data, by its value and by the name of its field. A proposal, to be on the safe side until a person decides.

pub(crate) mod names;
mod values;

use salesdash_language::types::Personal;

pub(crate) use values::Looks;

/// The category of personal data that a text looks like, going by the text alone: `email`, `phone`, `name`, `address`, `identifier`, or
/// `free_text` where an e-mail address or a phone number stands inside a longer text. For masking values of which no type is known.
#[must_use]
pub fn looks_personal(text: &str) -> Option<&'static str> {
    one(Looks::of(text).personal()).and_then(|category| category.names().next())
}

/// A text of somebody else, such as a vendor's message, without the e-mail addresses and telephone numbers in it.
#[must_use]
pub fn without_personal(text: &str) -> String {
    let masked = |word: &str| {
        let bare = word.trim_matches(|c: char| c.is_ascii_punctuation() && c != '+');
        let holds = Looks::of(bare).personal();
        if bare.is_empty() || holds.names().next().is_none() { word.to_owned() } else { word.replace(bare, "•••") }
    };
    let words = text.split_inclusive([' ', ',', ';', '=', '"', '\'', '<', '>', '(', ')', '&']).map(|word| {
        let end = word.trim_end_matches([' ', ',', ';', '=', '"', '\'', '<', '>', '(', ')', '&']);
        masked(end) + &word[end.len()..]
    });
    words.collect()
}

/// One category for a set of them: of several, free text, which stands for anything.
pub(crate) fn one(set: Personal) -> Option<Personal> {
    match set.names().count() {
        0 => None,
        1 => Some(set),
        _ => Some(Personal::FREE_TEXT),
    }
}
