//! Expressions: what computes a value. One folder for each group, one file for each expression.

mod dates;
mod exact;
mod items;
mod lists;
mod logic;
mod numbers;
mod other;
mod path;
mod strings;
mod values;
mod whole;

use salesdash_language::vocabulary::Expression;

/// The expressions by group, in the order they are documented.
pub(crate) fn groups() -> [&'static [&'static dyn Expression]; 7] {
    [values::WORDS, logic::WORDS, strings::WORDS, numbers::WORDS, dates::WORDS, lists::WORDS, other::WORDS]
}
