//! Diagnostics for people (with the line they are about) and for programs.

pub mod locate;

use std::fmt::Write;
use std::ops::Range;

use salesdash_language::diagnostics::{Diagnostic, Severity};
use salesdash_value::{Text, Value};

use crate::documents::Document;

/// The widest piece of a line that is shown.
const WIDTH: usize = 120;

/// The place of a diagnostic in its document.
struct Place {
    range: Range<usize>,
    /// From 1.
    line: usize,
    /// In characters, from 1.
    column: usize,
}

fn place(document: &Document, diagnostic: &Diagnostic) -> Option<Place> {
    let text = &document.text;
    let range = match document.stopped_at {
        Some(at) => at..text[at..].chars().next().map_or(at, |character| at + character.len_utf8()),
        None if text.is_empty() => return None,
        None => locate::locate(text, &diagnostic.pointer),
    };
    let before = &text[..range.start];
    let start = before.rfind('\n').map_or(0, |place| place + 1);
    Some(Place { line: before.matches('\n').count() + 1, column: before[start..].chars().count() + 1, range })
}

/// One file's diagnostics, for programs: `{"file", "diagnostics": [{"code", "severity", "pointer", "instruction", "text", "fixes",
/// "line", "column"}]}`.
pub fn to_value(document: &Document, diagnostics: &[Diagnostic]) -> Value {
    let diagnostics = diagnostics.iter().map(|diagnostic| {
        let place = place(document, diagnostic);
        let number = |number: usize| Value::from(i64::try_from(number).unwrap_or(i64::MAX));
        let mut fields: Vec<(Text, Value)> = diagnostic.to_value().as_object().unwrap_or_default().to_vec();
        fields.push(("line".into(), place.as_ref().map(|place| number(place.line)).unwrap_or_default()));
        fields.push(("column".into(), place.as_ref().map(|place| number(place.column)).unwrap_or_default()));
        Value::object(fields)
    });
    Value::object([("file", Value::text(&document.name)), ("diagnostics", Value::list(diagnostics))])
}

/// One file's diagnostics, for people.
pub fn to_text(document: &Document, diagnostics: &[Diagnostic], out: &mut String) {
    for diagnostic in diagnostics {
        one(document, diagnostic, out).expect("writing to a string");
    }
}

/// The same, on standard error.
pub fn to_stderr(document: &Document, diagnostics: &[Diagnostic]) {
    let mut out = String::new();
    to_text(document, diagnostics, &mut out);
    eprint!("{out}");
}

fn one(document: &Document, diagnostic: &Diagnostic, out: &mut String) -> std::fmt::Result {
    writeln!(out, "{}[{}]: {}", diagnostic.severity.name(), diagnostic.code.code, diagnostic.text)?;
    let pointer = if document.stopped_at.is_some() { "" } else { &diagnostic.pointer };
    let margin = match place(document, diagnostic) {
        Some(place) => {
            let margin = place.line.to_string().len();
            writeln!(out, "{:margin$}--> {}:{}:{} {pointer}", "", document.name, place.line, place.column)?;
            snippet(&document.text, &place, margin, out)?;
            margin
        }
        None => {
            writeln!(out, " --> {} {pointer}", document.name)?;
            1
        }
    };
    for fix in &diagnostic.fixes {
        writeln!(out, "{:margin$} = fix: {}", "", fix.title)?;
    }
    writeln!(out)
}

/// The line that a diagnostic is about, with carets under the place.
fn snippet(text: &str, place: &Place, margin: usize, out: &mut String) -> std::fmt::Result {
    let start = text[..place.range.start].rfind('\n').map_or(0, |at| at + 1);
    let line: Vec<char> = text[start..].split('\n').next().unwrap_or_default().trim_end_matches('\r').chars().collect();
    let marked = text[place.range.clone()].split('\n').next().unwrap_or_default().trim_end().chars().count().max(1);
    let column = place.column - 1;
    // A minified document is one long line: the piece around the place is shown.
    let from = if line.len() > WIDTH { column.saturating_sub(WIDTH / 3).min(line.len().saturating_sub(WIDTH)) } else { 0 };
    let to = (from + WIDTH).min(line.len());
    let shown: String = line[from..to].iter().map(|c| if c.is_control() { ' ' } else { *c }).collect();
    let marked = marked.min(to.saturating_sub(column).max(1));
    writeln!(out, "{:margin$} |", "")?;
    writeln!(out, "{} | {shown}", place.line)?;
    writeln!(out, "{:margin$} | {:skip$}{}", "", "", "^".repeat(marked), skip = column - from)
}

/// One line about a file: `spec.json: 1 error, 2 warnings`.
pub fn summary(document: &Document, diagnostics: &[Diagnostic], out: &mut String) {
    let count = |severity: Severity| diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
    let counts: Vec<String> = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "remark")]
        .into_iter()
        .map(|(severity, name)| (count(severity), name))
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| if count == 1 { format!("1 {name}") } else { format!("{count} {name}s") })
        .collect();
    let counts = if counts.is_empty() { "fine".to_owned() } else { counts.join(", ") };
    writeln!(out, "{}: {counts}", document.name).expect("writing to a string");
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use salesdash_language::codes;
    use salesdash_language::diagnostics::Fix;

    use super::*;

    fn check(text: &str, pointer: &str, expected: Expect) {
        let document = Document { name: "spec.json".into(), text: text.into(), value: Value::Null, problems: Vec::new(), stopped_at: None };
        let diagnostic = Diagnostic {
            code: &codes::UNKNOWN_VARIABLE,
            severity: Severity::Error,
            pointer: pointer.into(),
            instruction: None,
            text: "nothing is called `x`".into(),
            fixes: vec![Fix { title: "Use `y`".into(), patch: Vec::new() }],
        };
        let mut out = String::new();
        to_text(&document, &[diagnostic], &mut out);
        expected.assert_eq(&out);
    }

    #[test]
    fn the_line_is_shown_with_the_place_marked() {
        check(
            "{\n\t\"é\": {\"var\": \"x\"}\n}",
            "/é/var",
            expect![[r#"
                error[E301]: nothing is called `x`
                 --> spec.json:2:15 /é/var
                  |
                2 |  "é": {"var": "x"}
                  |               ^^^
                  = fix: Use `y`

            "#]],
        );
    }

    #[test]
    fn what_spans_lines_is_marked_on_its_first() {
        check(
            "{\n  \"a\": [\n    1\n  ]\n}",
            "/a",
            expect![[r#"
                error[E301]: nothing is called `x`
                 --> spec.json:2:8 /a
                  |
                2 |   "a": [
                  |        ^
                  = fix: Use `y`

            "#]],
        );
    }

    #[test]
    fn of_a_long_line_the_piece_around_the_place_is_shown() {
        let text = format!("{{\"{}\": 1, \"a\": \"x\", \"b\": \"{}\"}}", "k".repeat(300), "v".repeat(300));
        check(
            &text,
            "/a",
            expect![[r#"
                error[E301]: nothing is called `x`
                 --> spec.json:1:314 /a
                  |
                1 | kkkkkkkkkkkkkkkkkkkkkkkkkkkkk": 1, "a": "x", "b": "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv
                  |                                         ^^^
                  = fix: Use `y`

            "#]],
        );
    }
}
