//! What is asked for again and again.

use salesdash_value::Text;

use super::http::Listing;
use super::macros::{names, object, tagged};
use super::read::{Name, Named, Number, Paths, Whole};
use super::settings::Setting;
use super::time::WrittenTime;
use super::value::Given;
use crate::path::Path;

object! {
    /// A list of records that is asked for again and again. People make a source of it.
    Poll as "poll" {
        /// The name that people see, such as *Deals*.
        title: Text,
        /// What it is good for, in a sentence.
        summary: Option<Text>,
        /// The source model that its records are of.
        model: Name,
        /// What people fill in for a source of it.
        settings: Named<Setting>,
        /// The request, its pages and its records.
        list: Listing,
        /// How it asks only for what is new. Without it, every run takes everything; what did not change is recognised.
        incremental: Option<Incremental>,
        /// What it is asked for one after the other.
        partitions: Option<Partitions>,
        /// How often it runs where people choose nothing else, in seconds.
        interval_seconds: Whole<10, 604_800, 300>,
        /// How many days back the first run goes where people choose nothing else. Everything where it is not given.
        history_days: Option<Number<0, 36_500>>,
    }
}

names! {
    /// What progress is measured by.
    Measure {
        /// a time
        Time = "time",
        /// a number that only grows
        Number = "number",
        /// a text that only grows, in the order of its characters
        Text = "text",
    }
}

names! {
    /// The order in which records come.
    Order {
        /// oldest first: progress is kept after each page
        Ascending = "ascending",
        /// newest first
        Descending = "descending",
        /// none that can be relied on
        None = "none",
    }
}

tagged! {
    /// How a poll asks only for what is new.
    ///
    /// The next run asks from a closed lower bound, an overlap earlier than the latest that was stored; what was seen before is recognised by its key and
    /// content. The bound moves only past what was stored.
    Incremental as "incremental" {
        /// The vendor filters: the request reads `since` (and `until`).
        Server(ServerIncremental) = "server" {
            /// The field of the record that progress is measured by.
            field: Path,
            /// What it is: `time` where it is not given.
            measure: Option<Measure>,
            /// How it is written in the record: ISO 8601 where it is not given.
            reads: Option<WrittenTime>,
            /// How `since` and `until` are written: as `reads` where it is not given.
            writes: Option<WrittenTime>,
            /// How much earlier than the latest stored time it asks, in seconds.
            overlap_seconds: Whole<0, 604_800, 120>,
            /// The longest time asked for at once, in seconds: a longer one is taken apart, and the request reads `until`.
            window_seconds: Option<Number<60, 31_536_000>>,
            /// The order of the records: `none` where it is not given.
            order: Option<Order>,
            /// What the vendor gives at most for one search.
            cap: Option<Cap>,
        },
        /// The vendor does not filter: older records are left out here.
        Engine(EngineIncremental) = "engine" {
            /// The field of the record that progress is measured by.
            field: Path,
            /// What it is: `time` where it is not given.
            measure: Option<Measure>,
            /// How it is written in the record: ISO 8601 where it is not given.
            reads: Option<WrittenTime>,
            /// How much earlier than the latest stored time records are still taken, in seconds.
            overlap_seconds: Whole<0, 604_800, 120>,
            /// The order of the records: `none` where it is not given. With `descending`, reading ends at the first page on which every record is
            /// older: a data feed.
            order: Option<Order>,
        },
        /// The answer holds a token that the next run is given: the request reads it as `since`.
        Token(TokenIncremental) = "token" {
            /// Where it stands in the body of the last page.
            token: Paths,
        },
    }
}

object! {
    /// What the vendor gives at most for one search. Where that is reached, the search begins anew from the latest time that it gave: the order must be
    /// `ascending`.
    Cap as "cap" {
        /// How many records.
        records: Number<1, 1_000_000>,
    }
}

object! {
    /// What a poll is asked for one after the other; each has its own progress. Exactly one of `values`, `table` and `poll`.
    Partitions as "partitions" {
        /// A list of values, from a setting of the source for instance: `{"type": "var", "var": "source.boards"}`.
        values: Option<Given>,
        /// The records of an enrichment of type `table`.
        table: Option<Name>,
        /// The records of another poll.
        poll: Option<Name>,
        /// The field of a record by which its progress is kept: the key of its model where it is not given.
        id: Option<Path>,
    }
}
