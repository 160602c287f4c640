//! Where in the text of a document a JSON pointer leads.

use std::ops::Range;

/// The place of the value that a pointer leads to, in bytes. Where the pointer leads further than the document goes, the last value
/// on its way. The text must be JSON; in what is not, some place is given.
pub fn locate(text: &str, pointer: &str) -> Range<usize> {
    let mut scanner = Scanner { text: text.as_bytes(), at: 0 };
    scanner.space();
    let mut found = scanner.at..scanner.value_end();
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        scanner.at = found.start;
        match scanner.step(&step) {
            Some(range) => found = range,
            None => break,
        }
    }
    found
}

struct Scanner<'t> {
    text: &'t [u8],
    at: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn space(&mut self) {
        // A byte order mark is no space, but stands where there may be some.
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, 0xef | 0xbb | 0xbf)) {
            self.at += 1;
        }
    }

    /// Goes past a string, at whose opening quote it stands.
    fn string(&mut self) -> Range<usize> {
        let start = self.at;
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'"' => break,
                _ => {}
            }
        }
        self.at = self.at.min(self.text.len());
        start..self.at
    }

    /// Goes past a value, and gives its end.
    fn value_end(&mut self) -> usize {
        let mut depth = 0usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.string();
                }
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    if depth == 0 {
                        break;
                    }
                    depth -= 1;
                    self.at += 1;
                }
                b',' | b':' if depth == 0 => break,
                byte if depth == 0 && byte.is_ascii_whitespace() => break,
                byte if depth > 0 && (byte.is_ascii_whitespace() || matches!(byte, b',' | b':')) => {
                    self.at += 1;
                    continue;
                }
                _ => {
                    while self.peek().is_some_and(|byte| !byte.is_ascii_whitespace() && !b",:{}[]\"".contains(&byte)) {
                        self.at += 1;
                    }
                }
            }
            if depth == 0 {
                break;
            }
        }
        self.at
    }

    /// The value one step down from the object or list that it stands at.
    fn step(&mut self, step: &str) -> Option<Range<usize>> {
        match self.peek()? {
            b'{' => self.field(step),
            b'[' => self.item(step.parse().ok()?),
            _ => None,
        }
    }

    fn field(&mut self, name: &str) -> Option<Range<usize>> {
        self.at += 1;
        let mut found = None;
        loop {
            self.space();
            if self.peek()? != b'"' {
                // The last of a repeated key is the one that counts.
                return found;
            }
            let key = self.string();
            self.space();
            self.at += 1;
            self.space();
            let value = self.at..self.value_end();
            if key_is(&self.text[key], name) {
                found = Some(value);
            }
            self.space();
            if self.peek()? != b',' {
                return found;
            }
            self.at += 1;
        }
    }

    fn item(&mut self, index: usize) -> Option<Range<usize>> {
        self.at += 1;
        for position in 0.. {
            self.space();
            if matches!(self.peek()?, b']' | b',') {
                return None;
            }
            let value = self.at..self.value_end();
            if position == index {
                return Some(value);
            }
            self.space();
            if self.peek()? != b',' {
                return None;
            }
            self.at += 1;
        }
        None
    }
}

/// Whether a key as it is written, with its quotes, is this name.
fn key_is(written: &[u8], name: &str) -> bool {
    if !written.contains(&b'\\') {
        return written.len() == name.len() + 2 && &written[1..written.len() - 1] == name.as_bytes();
    }
    let read = salesdash_value::json::parse(written, salesdash_value::json::Limits::DEFAULT);
    read.is_ok_and(|key| key.as_text() == Some(name))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = r#" {"a": {"b/c": [1, "x,]\"", {"d": null}], "~": true}, "a\u0062": -1.5e3, "e": 1, "e": 2} "#;

    fn check(pointer: &str, expected: &str) {
        assert_eq!(&TEXT[locate(TEXT, pointer)], expected, "{pointer}");
    }

    #[test]
    fn pointers_lead_to_values() {
        check("", TEXT.trim());
        check("/a/b~1c/0", "1");
        check("/a/b~1c/1", r#""x,]\"""#);
        check("/a/b~1c/2", r#"{"d": null}"#);
        check("/a/b~1c/2/d", "null");
        check("/a/~0", "true");
        check("/ab", "-1.5e3");
        check("/e", "2");
    }

    #[test]
    fn a_pointer_that_leads_nowhere_gives_the_last_place_on_its_way() {
        check("/a/b~1c/9", r#"[1, "x,]\"", {"d": null}]"#);
        check("/a/~0/x", "true");
        check("/x/y", TEXT.trim());
    }

    proptest! {
        #[test]
        fn any_text_gives_some_place(text in r#"[\[\]{},:"a\\é 1]{0,30}"#, pointer in "(/[a01])*") {
            let place = locate(&text, &pointer);
            prop_assert!(place.start <= place.end && place.end <= text.len());
        }
    }
}
