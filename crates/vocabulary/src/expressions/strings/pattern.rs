//! Regular expressions, compiled when the spec is checked. They take time in proportion to the text, whatever the pattern.

use regex::{Regex, RegexBuilder};
use salesdash_language::codes;
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::vocabulary::{LiteralProblem, Literals};
use salesdash_value::Text;

/// The longest pattern, in bytes.
pub const LONGEST_PATTERN: usize = 1_000;

/// The most memory that a compiled pattern may take, in bytes, and again what it may use for speed.
pub const PATTERN_MEMORY: usize = 1 << 20;

/// What the documentation of each word says about patterns.
macro_rules! syntax {
    () => {
        "The pattern is a regular expression in the syntax that most tools share (`.`, `\\d`, `[a-z]`, `(…)`, `|`, `?`, `*`, `+`, \
         `{2,4}`, `^`, `$`, `\\b`), without look-around and back-references; `(?i)` at its beginning makes it blind to case. It may \
         be found anywhere in the text: `^` and `$` tie it to the beginning and the end. It is compiled when the spec is checked, so \
         it cannot fail at run time, and takes time in proportion to the text."
    };
}
pub(super) use syntax;

/// Compiles the `pattern` literal.
pub fn compile(literals: &Literals<'_>) -> Result<Regex, LiteralProblem> {
    let pattern = literals.text("pattern").unwrap_or_default();
    let problem = |text: String| LiteralProblem { argument: "pattern", code: &codes::WRONG_PATTERN, text };
    if pattern.len() > LONGEST_PATTERN {
        return Err(problem(format!("the pattern is {} bytes long; {LONGEST_PATTERN} is the most", pattern.len())));
    }
    RegexBuilder::new(pattern).size_limit(PATTERN_MEMORY).dfa_size_limit(PATTERN_MEMORY).build().map_err(|error| match error {
        regex::Error::CompiledTooBig(limit) => problem(format!("the pattern takes more than {limit} bytes of memory; repeat less")),
        // The reason stands on the last line, below a drawing of the place.
        error => {
            let text = error.to_string();
            let reason = text.lines().last().unwrap_or_default();
            problem(format!("the pattern cannot be read: {}", reason.strip_prefix("error: ").unwrap_or(reason)))
        }
    })
}

/// A text argument that will be searched for a pattern, which takes longer than reading it.
pub fn read(call: &mut Call<'_, '_>, argument: usize) -> Result<Text, Fault> {
    const BYTES_PER_STEP: usize = 32;
    let text = call.text(argument)?;
    if text.len() >= BYTES_PER_STEP {
        call.charge(text.len() / BYTES_PER_STEP)?;
    }
    Ok(text)
}
