//! Paging by cursor: a page begins after the last row of the one before it, so that it costs the same wherever it is, and nothing is
//! shown twice when rows are added.

/// Rows that a page holds where the caller does not say.
pub const DEFAULT_LIMIT: usize = 50;
/// Rows that a page holds at most.
pub const MAX_LIMIT: usize = 500;

/// Which page.
#[derive(Clone, Copy, Debug)]
pub struct Paging {
    /// Only rows with an id below this one: lists run from the newest to the oldest.
    pub before: i64,
    /// Rows at most.
    pub limit: usize,
}

impl Default for Paging {
    fn default() -> Self {
        Self { before: i64::MAX, limit: DEFAULT_LIMIT }
    }
}

impl Paging {
    /// The page that a cursor of [`Page::next`] names; the first where there is none. `None` where it is no cursor.
    #[must_use]
    pub fn new(cursor: Option<&str>, limit: Option<usize>) -> Option<Self> {
        let before = match cursor {
            Some(cursor) => i64::from_str_radix(cursor, 16).ok()?,
            None => i64::MAX,
        };
        Some(Self { before, limit: limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT) })
    }

    /// One row more than fits, to see whether there is a next page.
    pub(crate) fn fetch(&self) -> i64 {
        self.limit as i64 + 1
    }

    pub(crate) fn page<T>(&self, mut items: Vec<T>, id: impl Fn(&T) -> i64) -> Page<T> {
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        let next = items.last().filter(|_| more).map(|last| format!("{:x}", id(last)));
        Page { items, next }
    }
}

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// Its rows.
    pub items: Vec<T>,
    /// The cursor of the next page, where there is one.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// The same page of something else.
    #[must_use]
    pub fn map<U>(self, each: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(each).collect(), next: self.next }
    }
}
