//! The periods of a contact on a track, worked out from the *set* of its changes: the order of arrival makes no difference.

use salesdash_value::{Id, Instant, Text};

/// One known change of a contact on a track.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KnownChange {
    /// When the contact moved, with microseconds.
    pub moment: Instant,
    /// The state it entered; `None` where it left the track.
    pub period_type: Option<Text>,
    /// The id of the period that begins with it.
    pub id: Id,
    /// That period's external id.
    pub external_id: Text,
}

/// A period that follows from the changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span<'c> {
    /// The change it begins with.
    pub change: &'c KnownChange,
    /// The state.
    pub period_type: &'c Text,
    /// The moment of the next change; `None` where there is none yet.
    pub ended_at: Option<Instant>,
}

/// The periods that follow from a set of changes, given in any order.
///
/// A change begins a period at its moment, which ends at the next change. Of several changes at one moment the last one by
/// period type holds (leaving the track comes first); the others give no period.
#[must_use]
pub fn spans(changes: &mut [KnownChange]) -> Vec<Span<'_>> {
    changes.sort_unstable();
    let changes = &*changes;
    let mut spans: Vec<Span<'_>> = Vec::with_capacity(changes.len());
    for (index, change) in changes.iter().enumerate() {
        let next = changes.get(index + 1);
        if next.is_some_and(|next| next.moment == change.moment) {
            continue;
        }
        if let Some(period_type) = &change.period_type {
            spans.push(Span { change, period_type, ended_at: next.map(|next| next.moment) });
        }
    }
    spans
}
