//! Applying the effects of an execution to the stored rows.

use salesdash_language::effect::{Effect, Write};
use salesdash_language::identity::Subject;
use salesdash_value::{Id, Instant, RecordKind, Text, Value};

use crate::merge;
use crate::outcome::{Before, Change, Outcome, Touched, Verdict};
use crate::period::{KnownChange, spans};
use crate::row::{Row, microseconds};

/// The stored rows of one provider of one tenant, within one transaction. What is written is read back by the calls that follow. A row
/// is written with the `execution` that it carries.
pub trait Rows {
    /// Why a row cannot be read or written.
    type Error;

    /// The row of an id.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn load(&mut self, subject: Subject, id: Id) -> Result<Option<Row>, Self::Error>;

    /// Notes that an execution named a stored identity, whether or not it changes it. What keeps no such times does nothing.
    ///
    /// # Errors
    /// Where it cannot be written.
    fn named(&mut self, _row: &Row) -> Result<(), Self::Error> {
        Ok(())
    }

    /// Adds a row that is not stored.
    ///
    /// # Errors
    /// Where it cannot be written.
    fn insert(&mut self, row: &Row) -> Result<(), Self::Error>;

    /// Writes the changed fields of a stored row. `changed` names them and gives what they were; `row` holds what they are now, and
    /// has none where one is cleared.
    ///
    /// # Errors
    /// Where it cannot be written.
    fn update(&mut self, row: &Row, changed: &[(Text, Value)]) -> Result<(), Self::Error>;

    /// Removes a stored row.
    ///
    /// # Errors
    /// Where it cannot be written.
    fn remove(&mut self, row: &Row) -> Result<(), Self::Error>;

    /// Locks a field of a stored row, or unlocks it.
    ///
    /// # Errors
    /// Where it cannot be written.
    fn lock(&mut self, row: &Row, field: &str, locked: bool) -> Result<(), Self::Error>;

    /// The records of a contact, ordered by id: of one type (`activity_type` or `period_type`) where it is given, and, for periods,
    /// without an end where `open_only` is true.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn of_contact(&mut self, kind: RecordKind, contact_key: &str, of_type: Option<&str>, open_only: bool) -> Result<Vec<Row>, Self::Error>;

    /// The known changes of a contact on a track, in any order.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn changes(&mut self, contact_key: &str, track: &str) -> Result<Vec<KnownChange>, Self::Error>;

    /// Adds a change that is not known yet.
    ///
    /// # Errors
    /// Where it cannot be written.
    fn insert_change(&mut self, contact_key: &str, track: &str, change: &KnownChange) -> Result<(), Self::Error>;

    /// Forgets the change with this id.
    ///
    /// # Errors
    /// Where it cannot be written.
    fn remove_change(&mut self, id: Id) -> Result<(), Self::Error>;
}

/// Applies the effects of an execution in order. What became of each is given in the same order.
///
/// # Errors
/// Where a row cannot be read or written; what was written before then is the transaction's to undo.
pub fn apply<R: Rows>(effects: &[Effect], execution: u64, rows: &mut R) -> Result<Vec<Outcome>, R::Error> {
    effects
        .iter()
        .map(|effect| match effect.write {
            Write::UpsertIdentity(kind) => upsert(effect, Subject::Identity(kind), execution, rows),
            Write::UpsertRecord(kind) => upsert(effect, Subject::Record(kind), execution, rows),
            Write::UpdateContact(kind) => follow_up(effect, kind, execution, rows),
            Write::ChangePeriod => change_period(effect, execution, rows),
            Write::LockField(kind) => lock(effect, kind, rows),
        })
        .collect()
}

fn text(effect: &Effect, name: &str) -> Text {
    match effect.field(name) {
        Some(Value::Text(text)) => text.clone(),
        _ => Text::default(),
    }
}

fn effect_id(effect: &Effect) -> Id {
    effect.id.unwrap_or(Id([0; 16]))
}

fn upsert<R: Rows>(effect: &Effect, subject: Subject, execution: u64, rows: &mut R) -> Result<Outcome, R::Error> {
    let id = effect_id(effect);
    let fields = effect.fields.iter().filter(|(name, _)| *name != "external_id").map(|(name, value)| (*name, value));
    let Some(mut row) = rows.load(subject, id)? else {
        let (row, outcome) = merge::create(subject, id, text(effect, "external_id"), execution, fields);
        rows.insert(&row)?;
        return Ok(outcome);
    };
    if matches!(subject, Subject::Identity(_)) {
        rows.named(&row)?;
    }
    let mut outcome = Outcome::new(subject, Verdict::Found);
    write(&mut row, fields, execution, &mut outcome, rows)?;
    outcome.verdict = merge::verdict(!outcome.touched.is_empty(), &outcome);
    Ok(outcome)
}

/// Sets fields of a stored row and writes what changed.
fn write<'f, R: Rows>(
    row: &mut Row,
    fields: impl Iterator<Item = (&'f str, &'f Value)>,
    execution: u64,
    outcome: &mut Outcome,
    rows: &mut R,
) -> Result<(), R::Error> {
    let fields = merge::update(row, fields, outcome);
    if !fields.is_empty() {
        let before = Before { fields, execution: std::mem::replace(&mut row.execution, execution) };
        rows.update(row, &before.fields)?;
        outcome.touched.push(Touched { id: row.id, change: Change::Updated(before) });
    }
    Ok(())
}

/// The fields of a follow-up that select; the rest is set.
const SELECTING: [&str; 4] = ["contact_key", "activity_type", "period_type", "open_only"];

fn follow_up<R: Rows>(effect: &Effect, kind: RecordKind, execution: u64, rows: &mut R) -> Result<Outcome, R::Error> {
    let mut outcome = Outcome::new(Subject::Record(kind), Verdict::Nothing);
    let of_type = effect.field("activity_type").or_else(|| effect.field("period_type")).and_then(Value::as_text);
    let open_only = kind == RecordKind::Period && effect.field("open_only").and_then(Value::as_boolean).unwrap_or(true);
    let selected = rows.of_contact(kind, &text(effect, "contact_key"), of_type, open_only)?;
    let ended_at = match effect.field("ended_at") {
        Some(Value::Datetime(instant)) => Some(microseconds(*instant)),
        _ => None,
    };
    outcome.matched = 0;
    for mut row in selected {
        // A period that begins after the given end cannot end then.
        if let (Some(ended_at), Some(started_at)) = (ended_at, row.instant("started_at"))
            && started_at > ended_at
        {
            continue;
        }
        outcome.matched += 1;
        let fields = effect.fields.iter().filter(|(name, _)| !SELECTING.contains(name)).map(|(name, value)| (*name, value));
        write(&mut row, fields, execution, &mut outcome, rows)?;
    }
    if outcome.matched > 0 {
        outcome.verdict = merge::verdict(!outcome.touched.is_empty(), &outcome);
    }
    Ok(outcome)
}

fn lock<R: Rows>(effect: &Effect, kind: RecordKind, rows: &mut R) -> Result<Outcome, R::Error> {
    let subject = Subject::Record(kind);
    let field = text(effect, "field");
    let Some(row) = rows.load(subject, effect_id(effect))? else {
        return Ok(Outcome { matched: 0, ..Outcome::new(subject, Verdict::Nothing) });
    };
    if row.is_locked(&field) {
        return Ok(Outcome::new(subject, Verdict::Found));
    }
    rows.lock(&row, &field, true)?;
    let mut outcome = Outcome::new(subject, Verdict::Locked);
    outcome.touched.push(Touched { id: row.id, change: Change::Locked(field) });
    Ok(outcome)
}

/// When a period ends: at the next change at the latest; one that a follow-up ended earlier stays ended.
fn earlier(stored: Option<Instant>, derived: Option<Instant>) -> Option<Instant> {
    match (stored, derived) {
        (Some(stored), Some(derived)) => Some(stored.min(derived)),
        (stored, derived) => stored.or(derived),
    }
}

fn change_period<R: Rows>(effect: &Effect, execution: u64, rows: &mut R) -> Result<Outcome, R::Error> {
    let subject = Subject::Record(RecordKind::Period);
    let contact_key = text(effect, "contact_key");
    let track = text(effect, "track");
    let Some(Value::Datetime(moment)) = effect.field("moment") else {
        return Ok(Outcome { matched: 0, ..Outcome::new(subject, Verdict::Nothing) });
    };
    let new = KnownChange {
        moment: microseconds(*moment),
        period_type: effect.field("period_type").and_then(Value::as_text).map(Text::new),
        id: effect_id(effect),
        external_id: text(effect, "external_id"),
    };
    let mut changes = rows.changes(&contact_key, &track)?;
    let known = changes.iter().any(|change| change.id == new.id);
    if !known {
        rows.insert_change(&contact_key, &track, &new)?;
        changes.push(new.clone());
    }
    let mut outcome = Outcome::new(subject, Verdict::Found);
    if !known {
        outcome.touched.push(Touched { id: new.id, change: Change::Noted });
    }
    let held: Vec<Id> = {
        let spans = spans(&mut changes);
        for span in &spans {
            let is_own = span.change.id == new.id;
            // Only the new period and the one before it can come out differently.
            if !is_own && span.ended_at != Some(new.moment) {
                continue;
            }
            match rows.load(subject, span.change.id)? {
                Some(mut row) => {
                    let ended_at = Value::from(earlier(row.instant("ended_at"), span.ended_at));
                    let end = std::iter::once(("ended_at", &ended_at));
                    if is_own {
                        write(&mut row, period_fields(effect).chain(end), execution, &mut outcome, rows)?;
                    } else {
                        write(&mut row, end, execution, &mut outcome, rows)?;
                    }
                }
                None if is_own => {
                    let ended_at = Value::from(span.ended_at);
                    let fields = period_fields(effect).chain([("ended_at", &ended_at)]);
                    let (row, created) = merge::create(subject, new.id, new.external_id.clone(), execution, fields);
                    rows.insert(&row)?;
                    outcome.touched.extend(created.touched);
                }
                // A period that was taken away is not this change's to bring back.
                None => {}
            }
        }
        spans.iter().map(|span| span.change.id).collect()
    };
    // A change at the same moment that comes later by period type takes the place of one that had a period.
    for change in changes.iter().filter(|change| change.moment == new.moment && !held.contains(&change.id)) {
        if let Some(row) = rows.load(subject, change.id)? {
            rows.remove(&row)?;
            outcome.touched.push(Touched { id: change.id, change: Change::Removed(Box::new(row)) });
        }
    }
    outcome.verdict = if known { merge::verdict(!outcome.touched.is_empty(), &outcome) } else { Verdict::Created };
    Ok(outcome)
}

/// The fields that a change gives its period.
fn period_fields(effect: &Effect) -> impl Iterator<Item = (&str, &Value)> {
    effect
        .fields
        .iter()
        .filter(|(name, _)| *name != "external_id")
        .map(|(name, value)| (if *name == "moment" { "started_at" } else { *name }, value))
}
