//! Counting tests in what the programs that run them print.

/// How many passed and how many failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
}

impl Tally {
    /// Adds what a line of output sums up, where it does: those of cargo test, nextest, vitest and Playwright.
    pub fn read(&mut self, line: &str) {
        let line = plain(line);
        let line = line.trim_start();
        let summary = line.starts_with("test result:") || (line.starts_with("Summary [") && line.contains(" run: "));
        // Of nextest, only what follows the count of all; of vitest, not the count of files.
        let counted = if let Some((_, counts)) = line.split_once(" run: ").filter(|_| summary) {
            counts
        } else if summary || line.starts_with("Tests ") || playwright(line) {
            line
        } else {
            return;
        };
        self.passed += before(counted, "passed");
        self.failed += before(counted, "failed") + before(counted, "timed out");
    }
}

/// `12 passed (3.4s)`, `1 failed`, alone on their line.
fn playwright(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let number = words.next().is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
    let word = words.next();
    let rest = words.next();
    number && matches!(word, Some("passed" | "failed")) && rest.is_none_or(|rest| rest.starts_with('('))
}

/// The number that stands before a word; 0 where there is none.
fn before(text: &str, word: &str) -> u64 {
    text.split(['|', ',', ';', '.', '('])
        .filter_map(|part| part.trim().strip_suffix(word))
        .filter_map(|part| part.split_whitespace().last()?.parse::<u64>().ok())
        .sum()
}

/// The text without colours.
fn plain(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((text, after)) = rest.split_once('\u{1b}') {
        out.push_str(text);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(output: &str, passed: u64, failed: u64) {
        let mut tally = Tally::default();
        output.lines().for_each(|line| tally.read(line));
        assert_eq!(tally, Tally { passed, failed }, "{output}");
    }

    #[test]
    fn summaries_are_counted_and_nothing_else_is() {
        check("     Summary [   0.137s] 6 tests run: 6 passed, 35 skipped", 6, 0);
        check("     Summary [   1.137s] 8 tests run: 6 passed (1 slow), 2 failed, 1 timed out, 35 skipped", 6, 3);
        check("test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.02s", 5, 0);
        check("test result: FAILED. 5 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out", 5, 2);
        check(" Test Files  1 failed | 3 passed (4)\n      Tests  1 failed | 12 passed (13)", 12, 1);
        check("\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[32m12 passed\u{1b}[39m\u{1b}[22m (12)", 12, 0);
        check("  12 passed (3.4s)\n  1 failed\n    [chromium] › a.spec.ts", 12, 1);
        check("the user said: 12 passed the exam\nRunning 4 tests\n12 passengers passed", 0, 0);
    }
}
