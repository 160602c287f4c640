//! How the pages of an answer follow each other.

use salesdash_value::Text;

use super::macros::{object, tagged};
use super::read::{Number, Paths, Whole};
use super::value::{Condition, OfAnswer};
use crate::path::Path;

tagged! {
    /// How the pages of an answer follow each other. The place of the position is up to the request: it is read from the variable `page` in
    /// the query, the body or the variables of a GraphQL query.
    ///
    /// Every kind ends at the first page without records, at `max_pages`, and with an error where a position comes back that was there before.
    Paging as "paging" {
        /// Pages are numbered: the request reads `page.number`.
        Page(PageNumber) = "page" {
            /// The number of the first page.
            first: Whole<0, 1, 1>,
            /// How many records a full page has: the request reads `page.size`. A page with fewer is the last one, unless `stop` says
            /// otherwise.
            size: Number<1, 10_000>,
            /// When to stop.
            stop: Option<Stop>,
            /// The most pages of one run.
            max_pages: Whole<1, 100_000, 10_000>,
        },
        /// The request says how many records to leave out: it reads `page.offset`.
        Offset(Offset) = "offset" {
            /// How many records a full page has: the request reads `page.size`. A page with fewer is the last one, unless `stop` says
            /// otherwise.
            size: Number<1, 10_000>,
            /// When to stop.
            stop: Option<Stop>,
            /// The most pages of one run.
            max_pages: Whole<1, 100_000, 10_000>,
        },
        /// The answer holds a cursor for the next page: the request reads `page.cursor`. There is no next page where it is null or empty.
        Cursor(Cursor) = "cursor" {
            /// Where the cursor stands in the body of the answer. Of several paths, the first that leads to something counts.
            cursor: Paths,
            /// How many records a page may have: the request reads `page.size`.
            size: Option<Number<1, 10_000>>,
            /// When to stop, besides.
            stop: Option<Stop>,
            /// The most pages of one run.
            max_pages: Whole<1, 100_000, 10_000>,
        },
        /// The answer holds the URL of the next page, absolute or relative to the one it came from. A link to a host that is not
        /// allowed is not followed, and ends the run with an error. There is no next page where it is null or empty.
        NextUrl(NextUrl) = "next_url" {
            /// Where the URL stands in the body of the answer.
            url: Paths,
            /// How many records a page may have: the request reads `page.size`.
            size: Option<Number<1, 10_000>>,
            /// When to stop, besides.
            stop: Option<Stop>,
            /// The most pages of one run.
            max_pages: Whole<1, 100_000, 10_000>,
        },
        /// The header `Link` of the answer holds the URL of the next page (RFC 8288).
        LinkHeader(LinkHeader) = "link_header" {
            /// The relation of the link: `next` where it is not given.
            relation: Option<Text>,
            /// How many records a page may have: the request reads `page.size`.
            size: Option<Number<1, 10_000>>,
            /// The most pages of one run.
            max_pages: Whole<1, 100_000, 10_000>,
        },
        /// The next page begins after the last record of this one: the request reads `page.cursor`.
        LastRecord(LastRecord) = "last_record" {
            /// The field of the last record that the next request is given.
            field: Path,
            /// How many records a full page has: the request reads `page.size`. A page with fewer is the last one, unless `stop` says
            /// otherwise.
            size: Number<1, 10_000>,
            /// When to stop.
            stop: Option<Stop>,
            /// The most pages of one run.
            max_pages: Whole<1, 100_000, 10_000>,
        },
    }
}

object! {
    /// When there is no further page. One of these is enough.
    Stop as "stop" {
        /// A boolean of the answer that says whether there is more.
        more: Option<Paths>,
        /// A number of the answer: how many records there are in all.
        total: Option<Paths>,
        /// A number of the answer: how many pages there are in all.
        total_pages: Option<Paths>,
        /// A condition.
        when: Option<Condition<OfAnswer>>,
    }
}

impl Paging {
    /// How many records a page may have.
    #[must_use]
    pub fn size(&self) -> Option<u32> {
        match self {
            Self::Page(PageNumber { size, .. }) | Self::Offset(Offset { size, .. }) | Self::LastRecord(LastRecord { size, .. }) => {
                Some(size.0)
            }
            Self::Cursor(Cursor { size, .. }) | Self::NextUrl(NextUrl { size, .. }) | Self::LinkHeader(LinkHeader { size, .. }) => {
                size.map(|size| size.0)
            }
        }
    }

    /// The most pages of one run.
    #[must_use]
    pub const fn max_pages(&self) -> u32 {
        match self {
            Self::Page(PageNumber { max_pages, .. })
            | Self::Offset(Offset { max_pages, .. })
            | Self::Cursor(Cursor { max_pages, .. })
            | Self::NextUrl(NextUrl { max_pages, .. })
            | Self::LinkHeader(LinkHeader { max_pages, .. })
            | Self::LastRecord(LastRecord { max_pages, .. }) => max_pages.0,
        }
    }

    /// When to stop, besides.
    #[must_use]
    pub const fn stop(&self) -> Option<&Stop> {
        match self {
            Self::Page(PageNumber { stop, .. })
            | Self::Offset(Offset { stop, .. })
            | Self::Cursor(Cursor { stop, .. })
            | Self::NextUrl(NextUrl { stop, .. })
            | Self::LastRecord(LastRecord { stop, .. }) => stop.as_ref(),
            Self::LinkHeader(_) => None,
        }
    }
}
