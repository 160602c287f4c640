//! What a write is: the rules by which the effects of an execution become changes to the stored identities and records.
//!
//! Pure: stored rows come and go through the [`Rows`] port, which the store implements on its transactions and [`MemoryRows`] in
//! memory (previews, test runs, tests). Applying the same effects twice finds everything as it is the second time; whatever the order
//! in which the period changes of a contact arrive, the periods come out the same.

mod apply;
mod encoding;
mod memory;
mod merge;
pub mod outcome;
pub mod period;
mod row;
pub mod schema;
mod undo;

pub use apply::{Rows, apply};
pub use encoding::Malformed;
pub use memory::{Held, MemoryRows, Overlay};
pub use outcome::{Before, Change, Outcome, Touched, Verdict};
pub use period::KnownChange;
pub use row::{Row, same, storable};
pub use undo::{Undone, undo};
