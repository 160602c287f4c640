//! The words of the processor language: one file each, which holds the word's metadata, docs, type rule, behaviour, examples and
//! tests. Adding one touches its new file and one line of the list in its folder's `mod.rs`.

pub mod blocks;
pub mod catalog;
pub mod expressions;
pub mod operations;
mod phone;
pub mod reference;
pub mod schema;

/// The E.164 form of a phone number; one without a country code is one of the country (two letters of ISO 3166-1). `None` where the text
/// does not read as a phone number.
#[must_use]
pub fn phone_number(text: &str, country: Option<&str>) -> Option<salesdash_value::Text> {
    phone::e164(text, country.and_then(phone::country))
}

#[cfg(test)]
mod examples;
#[cfg(test)]
mod fixes;
#[cfg(test)]
mod soundness;
#[cfg(test)]
mod testing;

use std::sync::LazyLock;

use salesdash_language::vocabulary::Vocabulary;

/// Declares the files of a folder and lists their words.
macro_rules! words {
    ($trait:ident: $($file:ident :: $word:ident),* $(,)?) => {
        $(mod $file;)*

        /// The words of this folder, in the order they are documented.
        pub static WORDS: &[&'static dyn salesdash_language::vocabulary::$trait] = &[$(&$file::$word),*];
    };
}
pub(crate) use words;

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    let instructions: Vec<_> = operations::WORDS.iter().chain(blocks::WORDS).copied().collect();
    let expressions: Vec<_> = expressions::groups().into_iter().flatten().copied().collect();
    Vocabulary::new(&instructions, &expressions)
});

/// Every word of the language.
#[must_use]
pub fn vocabulary() -> &'static Vocabulary {
    &VOCABULARY
}
