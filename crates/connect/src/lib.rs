//! Talks to external systems: HTTP, tokens, limits, polls, enrichments, files. What a definition *means* is worked out in
//! `salesdash-providers`, without I/O; here it is done.
//!
//! [`Connect`] is the whole of it. The way of a poll: [`schedule`] says when, [`poll`] reads page after page through a [`connection`], which
//! keeps to the vendor's limits and renews its tokens, and hands each page to the engine together with the moved cursor. [`enrich`] fetches what
//! hangs on records, [`oauth`] connects in the browser, [`trying`] tries without storing, [`import`] takes files.

pub mod breaker;
pub mod clock;
mod connect;
pub mod connection;
pub mod documents;
pub mod enrich;
pub mod fetch;
pub mod figures;
pub mod guard;
pub mod halt;
pub mod http;
pub mod import;
pub mod limiter;
pub mod listing;
pub mod oauth;
pub mod own;
pub mod poll;
pub mod schedule;
pub mod trying;
pub mod types;

pub use connect::{Connect, ConnectError, Result};
