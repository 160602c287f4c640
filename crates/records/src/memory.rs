//! Rows in memory: for previews, test runs and tests.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::convert::Infallible;

use salesdash_language::effect::{StateReader, StoredField};
use salesdash_language::identity::Subject;
use salesdash_value::{Id, RecordKind, Text, Value};

use crate::apply::Rows;
use crate::period::KnownChange;
use crate::row::Row;

/// The rows of one provider, in memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MemoryRows {
    rows: HashMap<Id, Row>,
    contacts: BTreeMap<Text, BTreeSet<Id>>,
    changes: BTreeMap<(Text, Text), Vec<KnownChange>>,
}

impl MemoryRows {
    /// No rows.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A row.
    #[must_use]
    pub fn get(&self, id: Id) -> Option<&Row> {
        self.rows.get(&id)
    }

    /// Every row, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Row> {
        self.rows.values()
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn index(&mut self, row: &Row) {
        if let Some(contact) = row.field("contact_key").as_text() {
            self.contacts.entry(Text::new(contact)).or_default().insert(row.id);
        }
    }

    fn unindex(&mut self, row: &Row) {
        if let Some(contact) = row.field("contact_key").as_text()
            && let Some(ids) = self.contacts.get_mut(contact)
        {
            ids.remove(&row.id);
        }
    }
}

impl Rows for MemoryRows {
    type Error = Infallible;

    fn load(&mut self, _subject: Subject, id: Id) -> Result<Option<Row>, Infallible> {
        Ok(self.rows.get(&id).cloned())
    }

    fn insert(&mut self, row: &Row) -> Result<(), Infallible> {
        self.index(row);
        self.rows.insert(row.id, row.clone());
        Ok(())
    }

    fn update(&mut self, row: &Row, _changed: &[(Text, Value)]) -> Result<(), Infallible> {
        if let Some(before) = self.rows.get(&row.id).cloned() {
            self.unindex(&before);
        }
        self.insert(row)
    }

    fn remove(&mut self, row: &Row) -> Result<(), Infallible> {
        self.unindex(row);
        self.rows.remove(&row.id);
        Ok(())
    }

    fn lock(&mut self, row: &Row, field: &str, locked: bool) -> Result<(), Infallible> {
        if let Some(row) = self.rows.get_mut(&row.id) {
            row.set_locked(field, locked);
        }
        Ok(())
    }

    fn of_contact(&mut self, kind: RecordKind, contact_key: &str, of_type: Option<&str>, open_only: bool) -> Result<Vec<Row>, Infallible> {
        let ids = self.contacts.get(contact_key).into_iter().flatten();
        Ok(ids.filter_map(|id| self.rows.get(id)).filter(|row| selects(row, kind, of_type, open_only)).cloned().collect())
    }

    fn changes(&mut self, contact_key: &str, track: &str) -> Result<Vec<KnownChange>, Infallible> {
        Ok(self.changes.get(&(Text::new(contact_key), Text::new(track))).cloned().unwrap_or_default())
    }

    fn insert_change(&mut self, contact_key: &str, track: &str, change: &KnownChange) -> Result<(), Infallible> {
        self.changes.entry((Text::new(contact_key), Text::new(track))).or_default().push(change.clone());
        Ok(())
    }

    fn remove_change(&mut self, id: Id) -> Result<(), Infallible> {
        self.changes.values_mut().for_each(|changes| changes.retain(|change| change.id != id));
        Ok(())
    }
}

/// Whether a follow-up selects a record of the contact.
fn selects(row: &Row, kind: RecordKind, of_type: Option<&str>, open_only: bool) -> bool {
    let type_field = if kind == RecordKind::Period { "period_type" } else { "activity_type" };
    row.subject == Subject::Record(kind)
        && of_type.is_none_or(|of_type| row.field(type_field).as_text() == Some(of_type))
        && (!open_only || row.field("ended_at").is_null())
}

impl StateReader for MemoryRows {
    fn field(&self, _kind: RecordKind, record: Id, field: &str) -> StoredField {
        self.rows.get(&record).map(|row| row.stored(field)).unwrap_or_default()
    }
}

/// Changes held in memory over rows that are only read: what a write would do, without doing it.
pub struct Overlay<'b, B: Rows> {
    base: RefCell<&'b mut B>,
    state: Held,
}

/// The changes that an [`Overlay`] holds.
#[derive(Clone, Debug, Default)]
pub struct Held {
    rows: HashMap<Id, Option<Row>>,
    changes: BTreeMap<(Text, Text), Vec<KnownChange>>,
    forgotten: BTreeSet<Id>,
}

impl Held {
    /// The rows that would be written, and those that would be removed (`None`), in no order.
    pub fn rows(&self) -> impl Iterator<Item = (Id, Option<&Row>)> {
        self.rows.iter().map(|(id, row)| (*id, row.as_ref()))
    }
}

impl<'b, B: Rows> Overlay<'b, B> {
    /// Nothing held yet.
    pub fn new(base: &'b mut B) -> Self {
        Self::resume(base, Held::default())
    }

    /// Goes on with what another one held.
    pub fn resume(base: &'b mut B, held: Held) -> Self {
        Self { base: RefCell::new(base), state: held }
    }

    /// What it holds.
    #[must_use]
    pub fn into_held(self) -> Held {
        self.state
    }

    /// The rows that would be written, and those that would be removed (`None`), in no order.
    pub fn held(&self) -> impl Iterator<Item = (Id, Option<&Row>)> {
        self.state.rows()
    }
}

impl<B: Rows> Rows for Overlay<'_, B> {
    type Error = B::Error;

    fn load(&mut self, subject: Subject, id: Id) -> Result<Option<Row>, B::Error> {
        match self.state.rows.get(&id) {
            Some(row) => Ok(row.clone()),
            None => self.base.get_mut().load(subject, id),
        }
    }

    fn insert(&mut self, row: &Row) -> Result<(), B::Error> {
        self.state.rows.insert(row.id, Some(row.clone()));
        Ok(())
    }

    fn update(&mut self, row: &Row, _changed: &[(Text, Value)]) -> Result<(), B::Error> {
        self.insert(row)
    }

    fn remove(&mut self, row: &Row) -> Result<(), B::Error> {
        self.state.rows.insert(row.id, None);
        Ok(())
    }

    fn lock(&mut self, row: &Row, field: &str, locked: bool) -> Result<(), B::Error> {
        let mut row = row.clone();
        row.set_locked(field, locked);
        self.insert(&row)
    }

    fn of_contact(&mut self, kind: RecordKind, contact_key: &str, of_type: Option<&str>, open_only: bool) -> Result<Vec<Row>, B::Error> {
        let mut rows = self.base.get_mut().of_contact(kind, contact_key, of_type, open_only)?;
        rows.retain(|row| !self.state.rows.contains_key(&row.id));
        let held = self.state.rows.values().flatten().filter(|row| row.field("contact_key").as_text() == Some(contact_key));
        rows.extend(held.filter(|row| selects(row, kind, of_type, open_only)).cloned());
        rows.sort_unstable_by_key(|row| row.id);
        Ok(rows)
    }

    fn changes(&mut self, contact_key: &str, track: &str) -> Result<Vec<KnownChange>, B::Error> {
        let mut changes = self.base.get_mut().changes(contact_key, track)?;
        changes.extend(self.state.changes.get(&(Text::new(contact_key), Text::new(track))).into_iter().flatten().cloned());
        changes.retain(|change| !self.state.forgotten.contains(&change.id));
        Ok(changes)
    }

    fn insert_change(&mut self, contact_key: &str, track: &str, change: &KnownChange) -> Result<(), B::Error> {
        self.state.changes.entry((Text::new(contact_key), Text::new(track))).or_default().push(change.clone());
        self.state.forgotten.remove(&change.id);
        Ok(())
    }

    fn remove_change(&mut self, id: Id) -> Result<(), B::Error> {
        self.state.changes.values_mut().for_each(|changes| changes.retain(|change| change.id != id));
        self.state.forgotten.insert(id);
        Ok(())
    }
}

impl<B: Rows> StateReader for Overlay<'_, B> {
    /// A row that cannot be read counts as not stored: nothing is written on the ground of it.
    fn field(&self, kind: RecordKind, record: Id, field: &str) -> StoredField {
        let row = match self.state.rows.get(&record) {
            Some(row) => row.clone(),
            None => self.base.borrow_mut().load(Subject::Record(kind), record).ok().flatten(),
        };
        row.map(|row| row.stored(field)).unwrap_or_default()
    }
}
