//! Taking a stream of JSON apart into records, in constant memory: one record to a line (NDJSON), the items of a list, or
//! documents one after the other that go over several lines.
//!
//! What is wrong with one record does not spoil the next: after an unreadable line the next line counts again, and in a list an item
//! that cannot be one ends where a line begins another at its margin. Pure: whoever has
//! the stream reads into [`Splitter::space`] and takes the [pieces](Splitter::next) out.
//!
//! ```
//! use salesdash_value::stream::Splitter;
//!
//! let mut splitter = Splitter::default();
//! let text = b"{\"id\": 1}\n{\"id\": 2}\n";
//! splitter.space()[..text.len()].copy_from_slice(text);
//! splitter.filled(text.len());
//! splitter.end();
//! let mut records = 0;
//! while splitter.next().is_some() {
//!     records += 1;
//! }
//! assert_eq!(records, 2);
//! ```

/// The largest record, in bytes.
pub const MAX_RECORD: usize = 16 << 20;

/// How much is asked for at once, at least.
const CHUNK: usize = 256 << 10;

/// A piece of the stream: most often, the text of one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'s> {
    /// Its text, without space around it. Whether it is JSON is still to be seen.
    pub text: &'s [u8],
    /// The line it begins on, from 1.
    pub line: u64,
    /// The column it begins at, in bytes, from 1.
    pub column: u64,
    /// Why there is no record here, where that is known already. Then there is no text.
    pub problem: Option<Problem>,
}

/// Why there is no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It is larger than [`MAX_RECORD`].
    TooLarge,
    /// The stream ends inside a list.
    Unclosed,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLarge => write!(f, "the record is larger than {} MiB", MAX_RECORD >> 20),
            Self::Unclosed => f.write_str("the list is not closed"),
        }
    }
}

/// Takes a stream apart into records.
#[derive(Debug, Default)]
pub struct Splitter {
    buffer: Vec<u8>,
    /// Where what has not been given yet begins in the buffer.
    start: usize,
    /// Where what has been read ends in the buffer.
    filled: usize,
    /// Whether nothing more comes.
    ended: bool,
    mode: Mode,
    scan: Scan,
    /// The line at `start`, from 0.
    line: u64,
    /// How far `start` lies from the start of its line.
    column: u64,
    /// Whether the record at `start` is too large, and is left out.
    skipping: bool,
    /// Whether an object ended on the line at `start` and another begins there.
    joined: bool,
    /// Whether nothing but space lies between the start of the line and `start`.
    fresh: bool,
    /// How far the item at `start` is indented, or else the last one that began a line.
    margin: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Mode {
    /// Nothing is known of what comes.
    #[default]
    Start,
    /// A record to a line, or documents over several lines.
    Lines,
    /// In a list.
    List,
    /// In a list, behind a comma.
    ListComma,
    /// All has been given.
    Done,
}

/// How far the record at hand has been looked at, and what was seen.
#[derive(Clone, Copy, Debug, Default)]
struct Scan {
    /// From the start of the record.
    at: usize,
    depth: usize,
    string: bool,
    escaped: bool,
    /// Whether the end of the first line was passed.
    lines: bool,
    /// Whether the first line holds more than a brace.
    rich: bool,
    /// Whether a line was indented.
    indented: bool,
    /// The last byte that is no space and in no text.
    last: u8,
    /// Whether the line is looked at for one object right behind another.
    within: bool,
    /// What is open in an item, the innermost lowest: 1 for a list, 0 for an object.
    lists: u128,
    /// How far the line is indented, as long as it has been nothing but indentation.
    indent: Option<u64>,
    /// Whether the item cannot be JSON.
    broken: bool,
}

/// Where an object that begins a line leads to.
enum Within {
    /// There, another object begins right behind it.
    Joined(usize),
    /// There, the line ends.
    Line(usize),
    /// It needs more than there is.
    Open,
}

/// A piece by its place in the buffer.
struct Found {
    start: usize,
    end: usize,
    line: u64,
    column: u64,
    problem: Option<Problem>,
}

impl Splitter {
    /// Room to read more of the stream into. Never empty.
    pub fn space(&mut self) -> &mut [u8] {
        if self.buffer.len() - self.filled < CHUNK {
            self.buffer.copy_within(self.start..self.filled, 0);
            self.filled -= self.start;
            self.start = 0;
            if self.buffer.len() - self.filled < CHUNK {
                self.buffer.resize(self.filled + 2 * CHUNK, 0);
            }
        }
        &mut self.buffer[self.filled..]
    }

    /// So many bytes have been read into [`Splitter::space`].
    pub fn filled(&mut self, bytes: usize) {
        self.filled += bytes;
    }

    /// The stream has ended.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// The next piece. `None` where more of the stream is needed, or all has been given.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Option<Piece<'_>> {
        let found = self.find()?;
        let text = if found.problem.is_some() { &[][..] } else { &self.buffer[found.start..found.end] };
        Some(Piece { text, line: found.line + 1, column: found.column + 1, problem: found.problem })
    }

    fn find(&mut self) -> Option<Found> {
        loop {
            if self.scan.at == 0 && !self.skipping {
                self.skip_space();
            }
            if self.start == self.filled && !self.skipping {
                if !self.ended || self.mode == Mode::Done {
                    return None;
                }
                let in_list = matches!(self.mode, Mode::List | Mode::ListComma);
                self.mode = Mode::Done;
                return in_list.then(|| self.problem(Problem::Unclosed));
            }
            match self.mode {
                Mode::Start => self.mode = self.begin()?,
                Mode::Lines => return self.line(),
                Mode::List if self.scan.at == 0 && !self.skipping && self.buffer[self.start] == b']' => {
                    self.advance(1);
                    self.mode = Mode::Start;
                }
                Mode::List | Mode::ListComma => return self.item(),
                Mode::Done => return None,
            }
        }
    }

    /// Tells what comes from its first byte.
    fn begin(&mut self) -> Option<Mode> {
        const MARK: &[u8] = b"\xef\xbb\xbf";
        let rest = &self.buffer[self.start..self.filled];
        if rest.len() < MARK.len() && MARK.starts_with(rest) && !self.ended {
            return None;
        }
        if rest.starts_with(MARK) {
            self.start += MARK.len();
            return Some(Mode::Start);
        }
        if rest[0] == b'[' {
            self.margin = self.column;
            self.advance(1);
            return Some(Mode::List);
        }
        Some(Mode::Lines)
    }

    fn skip_space(&mut self) {
        while self.start < self.filled && matches!(self.buffer[self.start], b' ' | b'\t' | b'\r' | b'\n') {
            self.fresh |= self.buffer[self.start] == b'\n';
            self.advance(1);
        }
    }

    /// Leaves bytes behind.
    fn advance(&mut self, bytes: usize) {
        let passed = &self.buffer[self.start..self.start + bytes];
        match memchr::memrchr(b'\n', passed) {
            Some(last) => {
                self.line += memchr::memchr_iter(b'\n', passed).count() as u64;
                self.column = (passed.len() - last - 1) as u64;
            }
            None => self.column += bytes as u64,
        }
        self.start += bytes;
    }

    fn problem(&self, problem: Problem) -> Found {
        Found { start: self.start, end: self.start, line: self.line, column: self.column, problem: Some(problem) }
    }

    /// Gives what lies between here and `length`, and goes on `skip` bytes behind it.
    fn give(&mut self, length: usize, skip: usize) -> Found {
        let (start, line, column) = (self.start, self.line, self.column);
        let mut end = start + length;
        while end > start && self.buffer[end - 1].is_ascii_whitespace() {
            end -= 1;
        }
        self.advance(length + skip);
        self.scan = Scan::default();
        self.fresh = self.column == 0;
        let problem = std::mem::take(&mut self.skipping).then_some(Problem::TooLarge);
        Found { start, end, line, column, problem }
    }

    /// The record needs more than there is. One that is too large is left behind up to here.
    fn need_more(&mut self) -> Option<Found> {
        let length = self.filled - self.start;
        if self.skipping || length > MAX_RECORD {
            self.skipping = true;
            self.advance(length);
            self.scan.at = 0;
        }
        None
    }

    fn line(&mut self) -> Option<Found> {
        let rest = &self.buffer[self.start..self.filled];
        let scanned = self.scan.at;
        if self.skipping {
            return match memchr::memchr(b'\n', rest) {
                Some(length) => Some(self.give(length, 1)),
                None if self.ended => Some(self.give(rest.len(), 0)),
                None => self.need_more(),
            };
        }
        if !self.scan.lines {
            let object = rest[0] == b'{';
            let end = if self.scan.within || (self.joined && object) {
                None
            } else {
                match memchr::memchr(b'\n', &rest[scanned..]) {
                    Some(length) => Some(scanned + length),
                    None if self.ended => Some(rest.len()),
                    None if object => None,
                    None => {
                        self.scan.at = rest.len();
                        return self.need_more();
                    }
                }
            };
            // By far the most usual: a record to a line.
            let length = match end {
                Some(length) if !object || !may_join(&rest[..length]) => length,
                _ => match self.within() {
                    Within::Joined(length) => {
                        self.joined = true;
                        return Some(self.give(length, 0));
                    }
                    Within::Line(length) => length,
                    Within::Open => return self.need_more(),
                },
            };
            self.joined = false;
            let skip = usize::from(self.start + length < self.filled);
            let line = self.buffer[self.start..self.start + length].trim_ascii_end();
            // A line that begins as an object and does not end as one may go on.
            if !object || (line.len() > 1 && line.ends_with(b"}")) || skip == 0 {
                return Some(self.give(length, skip));
            }
            self.scan = Scan { lines: true, rich: line.len() > 1, ..Scan::default() };
        }
        self.document()
    }

    /// Looks through the line for an object that begins right behind the first one.
    fn within(&mut self) -> Within {
        self.scan.within = true;
        while let Some(byte) = self.buffer[self.start..self.filled].get(self.scan.at) {
            let at = self.scan.at;
            let scan = &mut self.scan;
            scan.at += 1;
            match byte {
                b'\n' => return Within::Line(at),
                _ if scan.escaped => scan.escaped = false,
                b'\\' if scan.string => scan.escaped = true,
                b'"' => scan.string = !scan.string,
                _ if scan.string => {
                    let rest = &self.buffer[self.start + scan.at..self.filled];
                    scan.at += memchr::memchr3(b'"', b'\\', b'\n', rest).unwrap_or(rest.len());
                }
                b'{' if scan.depth == 0 && scan.last == b'}' => return Within::Joined(at),
                b'{' | b'[' => scan.depth += 1,
                b'}' | b']' => scan.depth = scan.depth.saturating_sub(1),
                _ => {}
            }
            if !scan.string && !byte.is_ascii_whitespace() {
                scan.last = *byte;
            }
        }
        if self.ended { Within::Line(self.scan.at) } else { Within::Open }
    }

    /// A document that goes over several lines.
    fn document(&mut self) -> Option<Found> {
        while self.start + self.scan.at < self.filled {
            let at = self.scan.at;
            let byte = self.buffer[self.start + at];
            let first_of_line = at > 0 && self.buffer[self.start + at - 1] == b'\n';
            let scan = &mut self.scan;
            if first_of_line {
                scan.indented |= matches!(byte, b' ' | b'\t');
                // An object that begins at the margin begins anew, unless nothing is indented here and one may stand here.
                if byte == b'{' && (scan.rich || scan.indented || !matches!(scan.last, b'[' | b',' | b':')) {
                    return Some(self.give(at, 0));
                }
            }
            scan.at += 1;
            if scan.string {
                match byte {
                    // No text of JSON goes over the end of a line.
                    b'\n' => return Some(self.give(at, 1)),
                    _ if scan.escaped => scan.escaped = false,
                    b'\\' => scan.escaped = true,
                    b'"' => scan.string = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'\n' if scan.depth == 0 => return Some(self.give(at, 1)),
                b'"' => scan.string = true,
                // One document right behind the other.
                b'{' if scan.depth == 0 && scan.last == b'}' => return Some(self.give(at, 0)),
                b'{' | b'[' => scan.depth += 1,
                b'}' | b']' => scan.depth = scan.depth.saturating_sub(1),
                _ => {}
            }
            if !byte.is_ascii_whitespace() {
                scan.last = byte;
            }
        }
        if self.ended { Some(self.give(self.filled - self.start, 0)) } else { self.need_more() }
    }

    /// An item of a list: everything up to a comma or the end of the list. One that cannot be JSON ends before a line that begins
    /// an object, or ends the list, at the margin of the item.
    fn item(&mut self) -> Option<Found> {
        if self.scan.at == 0 && !self.skipping && self.fresh {
            self.margin = self.column;
        }
        let rest = &self.buffer[self.start..self.filled];
        let mut scan = self.scan;
        while let Some(byte) = rest.get(scan.at) {
            let at = scan.at;
            scan.at += 1;
            if *byte == b'\n' {
                // No text of JSON goes over the end of a line: there, a quote is missing before here.
                scan.broken |= scan.string;
                (scan.string, scan.escaped, scan.indent) = (false, false, Some(0));
                continue;
            }
            if scan.escaped {
                scan.escaped = false;
                continue;
            }
            if scan.string {
                match byte {
                    b'\\' => scan.escaped = true,
                    b'"' => scan.string = false,
                    _ => scan.at += memchr::memchr3(b'"', b'\\', b'\n', &rest[scan.at..]).unwrap_or(rest.len() - scan.at),
                }
                continue;
            }
            if byte.is_ascii_whitespace() {
                scan.indent = scan.indent.map(|indent| indent + 1);
                continue;
            }
            let in_list = scan.lists & 1 == 1;
            match byte {
                b',' | b']' if scan.depth == 0 => {
                    self.mode = if *byte == b',' { Mode::ListComma } else { Mode::Start };
                    return Some(self.give(at, 1));
                }
                b'{' => scan.broken |= !(scan.last == 0 || scan.last == b':' || (in_list && matches!(scan.last, b'[' | b','))),
                b']' => scan.broken |= !in_list,
                b'}' => scan.broken |= in_list,
                _ => {}
            }
            if scan.broken && matches!(byte, b'{' | b']') && scan.indent.is_some_and(|indent| indent <= self.margin) {
                self.mode = Mode::List;
                return Some(self.give(at, 0));
            }
            match byte {
                b'"' => scan.string = true,
                b'{' | b'[' => {
                    scan.depth += 1;
                    scan.lists = scan.lists << 1 | u128::from(*byte == b'[');
                }
                b'}' | b']' => {
                    scan.depth = scan.depth.saturating_sub(1);
                    scan.lists >>= 1;
                }
                _ => {}
            }
            (scan.last, scan.indent) = (*byte, None);
        }
        self.scan = scan;
        if self.ended { Some(self.give(self.filled - self.start, 0)) } else { self.need_more() }
    }
}

/// Whether a line may hold an object right behind another: one that ends, and then one that begins.
fn may_join(line: &[u8]) -> bool {
    memchr::memchr_iter(b'}', line).any(|end| line[end + 1..].trim_ascii_start().first() == Some(&b'{'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::json;

    /// What a stream is taken apart into, when it comes in pieces of these sizes.
    fn split(stream: &[u8], sizes: &[usize]) -> Vec<(String, u64, u64, Option<Problem>)> {
        let mut splitter = Splitter::default();
        let (mut rest, mut pieces, mut sizes) = (stream, Vec::new(), sizes.iter().copied().cycle());
        loop {
            while let Some(piece) = splitter.next() {
                pieces.push((String::from_utf8_lossy(piece.text).into_owned(), piece.line, piece.column, piece.problem));
            }
            if rest.is_empty() {
                if splitter.ended {
                    return pieces;
                }
                splitter.end();
                continue;
            }
            let space = splitter.space();
            let size = sizes.next().unwrap_or(usize::MAX).max(1).min(rest.len()).min(space.len());
            space[..size].copy_from_slice(&rest[..size]);
            splitter.filled(size);
            rest = &rest[size..];
        }
    }

    fn check(stream: &str, expected: &[&str]) {
        for sizes in [&[usize::MAX][..], &[1], &[3, 7]] {
            let pieces = split(stream.as_bytes(), sizes);
            let texts: Vec<&str> = pieces.iter().map(|(text, ..)| text.as_str()).collect();
            assert_eq!(texts, expected, "{stream}");
        }
    }

    #[test]
    fn a_record_to_a_line() {
        check("", &[]);
        check(" \n\n", &[]);
        check("{\"a\":1}\n{\"a\":2}", &["{\"a\":1}", "{\"a\":2}"]);
        check("\u{feff}{\"a\":1}\r\n\r\n  {\"a\":2} \r\n", &["{\"a\":1}", "{\"a\":2}"]);
    }

    #[test]
    fn an_unreadable_line_does_not_spoil_the_next() {
        check("{\"a\":1}\nnonsense\n{\"a\":2}\n", &["{\"a\":1}", "nonsense", "{\"a\":2}"]);
        check("{\"a\": \"x\n{\"a\":2}\n", &["{\"a\": \"x", "{\"a\":2}"]);
        check("{\"a\": [1,\n{\"a\":2}\n{\"a\":3}", &["{\"a\": [1,", "{\"a\":2}", "{\"a\":3}"]);
        check("{\"a\": {\"b\": 1}\n{\"a\":2}", &["{\"a\": {\"b\": 1}", "{\"a\":2}"]);
        check("{\n{\"a\":2}", &["{", "{\"a\":2}"]);
    }

    #[test]
    fn documents_over_several_lines() {
        let pretty = "{\n  \"a\": [\n    {\n      \"b\": \"}\\\"\"\n    }\n  ]\n}";
        check(&format!("{pretty}\n{pretty}\n"), &[pretty, pretty]);
        // Without any indentation, an object may begin at the margin inside another.
        let flat = "{\n\"a\": [\n{\n\"b\": 1\n},\n{\n\"b\": 2\n}\n]\n}";
        check(&format!("{flat}\n{flat}"), &[flat, flat]);
        let broken = "{\n  \"a\": 1,\n  \"b\"\n";
        check(&format!("{broken}{pretty}\n"), &[broken.trim_end(), pretty]);
    }

    #[test]
    fn items_of_a_list() {
        check("[]", &[]);
        check(" [ ] \n", &[]);
        check("[{\"a\":[1,2]}, {\"a\":\"],\"},\n {\"a\": 3} ]", &["{\"a\":[1,2]}", "{\"a\":\"],\"}", "{\"a\": 3}"]);
        check("[{\"a\":1}]\n[{\"a\":2}]", &["{\"a\":1}", "{\"a\":2}"]);
        check("[{\"a\":1}]\n{\"a\":2}", &["{\"a\":1}", "{\"a\":2}"]);
        check("[{\"a\":1},]", &["{\"a\":1}", ""]);
    }

    #[test]
    fn an_unreadable_item_does_not_spoil_the_next() {
        check("[{\"a\":1},\n{\"a\": \"x},\n{\"a\":3},\n{\"a\":4}]", &["{\"a\":1}", "{\"a\": \"x},", "{\"a\":3}", "{\"a\":4}"]);
        check("[\n  {\"a\":1},\n  {\"a\":2,\n  {\"a\":3}\n]", &["{\"a\":1}", "{\"a\":2,", "{\"a\":3}"]);
        check("[\n{\"a\":{\"b\":1},\n{\"a\":3}\n]{\"a\":4}", &["{\"a\":{\"b\":1},", "{\"a\":3}", "{\"a\":4}"]);
        check("[{\"a\":1}\n,{\"a\":2\n]\n{\"a\":3}", &["{\"a\":1}", "{\"a\":2", "{\"a\":3}"]);
        check("[{\"a\":1}\n{\"a\":2}]", &["{\"a\":1}", "{\"a\":2}"]);
        let broken = "{\n    \"a\": {\n      \"b\": [{\"c\": \"\n      ]\n    }\n  },";
        check(&format!("[\n  {broken}\n  {{\n    \"a\": 2\n  }}\n]"), &[broken, "{\n    \"a\": 2\n  }"]);
        // After the missing quote all brackets fit, in a way.
        let quote = "{\"l\": [{\"b\": \"y}],\n    \"c\": 2\n  },";
        check(&format!("[\n  {quote}\n  {{\"a\": 2}}\n]"), &[quote, "{\"a\": 2}"]);
        // JSON however oddly it is set is never taken apart.
        let odd = "{\"a\": [\n{\"b\":1},\n{\"b\":\n{\"c\":[\n]}}\n]}";
        check(&format!("[{odd},\n{odd}]"), &[odd, odd]);
    }

    #[test]
    fn documents_right_behind_each_other() {
        check("{\"a\":1}{\"a\":2} \t{\"a\":3}\n{\"a\":4}", &["{\"a\":1}", "{\"a\":2}", "{\"a\":3}", "{\"a\":4}"]);
        check("{\"a\":\"}{\"}{\"a\":{}}{\"a\":\"\\\"}{\"}\n", &["{\"a\":\"}{\"}", "{\"a\":{}}", "{\"a\":\"\\\"}{\"}"]);
        check("{\"a\":1}{\"a\":\n{\"a\":3}", &["{\"a\":1}", "{\"a\":", "{\"a\":3}"]);
        check("{\"a\":1}{\"a\":\"x\n{\"a\":3}", &["{\"a\":1}", "{\"a\":\"x", "{\"a\":3}"]);
        check("{\n  \"a\": 1\n}{\n  \"a\": 2\n} {\"a\":3}", &["{\n  \"a\": 1\n}", "{\n  \"a\": 2\n}", "{\"a\":3}"]);
    }

    #[test]
    fn one_endless_line_of_documents_is_read_in_bounded_memory() {
        let mut splitter = Splitter::default();
        let mut count = 0u64;
        for number in 0..60_000 {
            let text = format!("{{\"number\":{number},\"text\":\"{}\"}}", "}{".repeat(200));
            splitter.space()[..text.len()].copy_from_slice(text.as_bytes());
            splitter.filled(text.len());
            while let Some(piece) = splitter.next() {
                assert_eq!(piece.problem, None);
                assert!(piece.text.starts_with(format!("{{\"number\":{count},").as_bytes()));
                count += 1;
            }
        }
        splitter.end();
        assert_eq!(count + u64::from(splitter.next().is_some()), 60_000);
        assert!(splitter.buffer.len() <= 4 * CHUNK);
    }

    #[test]
    fn a_list_that_is_not_closed_is_told() {
        let pieces = split(b"[{\"a\":1},{\"a\":2}", &[4]);
        assert_eq!(pieces.len(), 3);
        assert_eq!(pieces[1].0, "{\"a\":2}");
        assert_eq!(pieces[2].3, Some(Problem::Unclosed));
    }

    #[test]
    fn places_are_told() {
        let places =
            |stream: &str| split(stream.as_bytes(), &[5]).into_iter().map(|(_, line, column, _)| (line, column)).collect::<Vec<_>>();
        assert_eq!(places("{\"a\":1}\n\n  {\"a\":2}\n{\n}\nx"), [(1, 1), (3, 3), (4, 1), (6, 1)]);
        assert_eq!(places("[{\"a\":1}, {\"a\":2},\n{\"a\":3}]"), [(1, 2), (1, 11), (2, 1)]);
    }

    #[test]
    fn what_is_too_large_is_passed_in_bounded_memory() {
        for (open, close) in [("", "\n"), ("[", ",")] {
            let mut splitter = Splitter::default();
            let mut problems = Vec::new();
            let mut texts = Vec::new();
            let mut feed = |bytes: &[u8], splitter: &mut Splitter| {
                let mut rest = bytes;
                while !rest.is_empty() {
                    let space = splitter.space();
                    let size = rest.len().min(space.len());
                    space[..size].copy_from_slice(&rest[..size]);
                    splitter.filled(size);
                    rest = &rest[size..];
                    while let Some(piece) = splitter.next() {
                        problems.extend(piece.problem);
                        texts.push(String::from_utf8_lossy(piece.text).into_owned());
                    }
                    assert!(splitter.buffer.len() <= MAX_RECORD + 4 * CHUNK);
                }
            };
            feed(format!("{open}{{\"a\": \"").as_bytes(), &mut splitter);
            for _ in 0..40 {
                feed(&vec![b'x'; 1 << 20], &mut splitter);
            }
            feed(format!("\"}}{close}{{\"a\":2}}{close}").as_bytes(), &mut splitter);
            assert_eq!(problems, [Problem::TooLarge]);
            assert_eq!(texts, ["", "{\"a\":2}"]);
        }
    }

    fn records() -> impl Strategy<Value = Vec<crate::Value>> {
        let leaf = prop_oneof![
            any::<i32>().prop_map(|number| crate::Value::from(i64::from(number))),
            ".{0,6}".prop_map(crate::Value::text),
            r#"[\[\]{},:"\\]{0,6}"#.prop_map(crate::Value::text),
        ];
        let value = leaf.prop_recursive(3, 12, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(crate::Value::list),
                prop::collection::vec((".{0,4}", inner), 0..4).prop_map(crate::Value::object),
            ]
        });
        prop::collection::vec(prop::collection::vec((".{0,4}", value), 0..4).prop_map(crate::Value::object), 0..6)
    }

    proptest! {
        #[test]
        fn records_come_back_in_every_form(records in records(), sizes in prop::collection::vec(1usize..40, 1..4)) {
            let compact: Vec<String> = records.iter().map(json::to_string).collect();
            let pretty: Vec<String> = records.iter().map(json::to_pretty).collect();
            let list = json::to_pretty(&crate::Value::list(records.iter().cloned()));
            for stream in
                [compact.join("\n"), compact.concat(), pretty.join("\n"), pretty.concat(), list, format!("[{}]", compact.join(",")), format!("[{}]", compact.join("\n,\n"))]
            {
                let read: Vec<_> = split(stream.as_bytes(), &sizes)
                    .iter()
                    .map(|(text, ..)| json::parse(text.as_bytes(), json::Limits::DEFAULT).unwrap())
                    .collect();
                prop_assert_eq!(&read, &records, "{}", stream);
            }
        }

        #[test]
        fn how_the_stream_comes_makes_no_difference(stream in r#"[\[\]{},:"\\a \n]{0,60}"#, sizes in prop::collection::vec(1usize..9, 1..4)) {
            prop_assert_eq!(split(stream.as_bytes(), &[usize::MAX]), split(stream.as_bytes(), &sizes));
        }
    }
}
