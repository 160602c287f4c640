//! What a definition means, worked out without any I/O: the requests that it makes, what the answers mean, where a poll goes on, and the
//! records that come out.

pub mod answer;
pub mod credentials;
pub mod enrich;
pub mod hosts;
pub mod limits;
pub mod paging;
pub mod progress;
pub mod records;
pub mod request;
pub mod variables;
pub mod webhook;
