//! Undoing what was written, from the outcomes alone.

use salesdash_value::Id;

use crate::apply::Rows;
use crate::outcome::{Change, Outcome};
use crate::row::Row;

/// What undoing came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    /// How many changes were undone.
    pub undone: u32,
    /// The rows that something else has changed, removed or brought back since: left alone.
    pub left: Vec<Id>,
}

/// Undoes what outcomes tell of, last first. `ours` says whether a row is still as what is undone left it: usually, whether the
/// execution that last wrote it is among those undone.
///
/// # Errors
/// Where a row cannot be read or written.
pub fn undo<R: Rows>(outcomes: &[Outcome], mut ours: impl FnMut(&Row) -> bool, rows: &mut R) -> Result<Undone, R::Error> {
    let mut result = Undone::default();
    for outcome in outcomes.iter().rev() {
        for touched in outcome.touched.iter().rev() {
            let done = match &touched.change {
                Change::Noted => {
                    rows.remove_change(touched.id)?;
                    true
                }
                Change::Removed(row) => match rows.load(outcome.subject, touched.id)? {
                    None => {
                        rows.insert(row)?;
                        for field in &row.locked {
                            rows.lock(row, field, true)?;
                        }
                        true
                    }
                    Some(_) => false,
                },
                change => match rows.load(outcome.subject, touched.id)? {
                    Some(row) if ours(&row) => {
                        revert(row, change, rows)?;
                        true
                    }
                    _ => false,
                },
            };
            if done {
                result.undone += 1;
            } else if !result.left.contains(&touched.id) {
                result.left.push(touched.id);
            }
        }
    }
    Ok(result)
}

fn revert<R: Rows>(mut row: Row, change: &Change, rows: &mut R) -> Result<(), R::Error> {
    match change {
        Change::Created => rows.remove(&row),
        Change::Locked(field) => rows.lock(&row, field, false),
        Change::Updated(before) => {
            let fields: Vec<_> = before.fields.iter().map(|(name, value)| (name.clone(), row.set(name, value.clone()))).collect();
            row.execution = before.execution;
            rows.update(&row, &fields)
        }
        Change::Noted | Change::Removed(_) => Ok(()),
    }
}
