//! Outcomes as few bytes as they need: every execution keeps them.
//!
//! One byte with the verdict and what follows, one with the kind of row; then, only where there is something to say, how many rows were
//! matched, the kept fields, and the touched rows with the values they had. A touched row is named by its id only where it is not the
//! one that the effect names, or where `ids` asks for it.

use std::sync::Arc;

use salesdash_language::identity::Subject;
use salesdash_value::{Decimal, Id, Identity, Instant, Text, Value, json};

use crate::outcome::{Before, Change, Outcome, Touched, Verdict};
use crate::row::Row;
use crate::schema::{NAMES, SUBJECTS};

/// Stored bytes that are not an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a stored outcome cannot be read")
    }
}

impl std::error::Error for Malformed {}

const VERDICT: u8 = 0b0000_0111;
/// How many rows were matched follows; otherwise one (none for a verdict of nothing).
const MATCHED: u8 = 0b0000_1000;
/// Kept fields follow.
const KEPT: u8 = 0b0001_0000;
/// Touched rows follow; otherwise the row of the effect where the verdict is created, else none.
const TOUCHED: u8 = 0b0010_0000;

const CREATED: u8 = 0;
const UPDATED: u8 = 1;
const REMOVED: u8 = 2;
const LOCKED: u8 = 3;
const NOTED: u8 = 4;
/// In the byte of a touched row: its id follows.
const WITH_ID: u8 = 0b1000_0000;

impl Outcome {
    /// Writes outcomes as bytes. `own` gives the id that each effect names. With `ids`, every row is named, so that the bytes can be
    /// read without the effects.
    #[must_use]
    pub fn encode_all<'o>(outcomes: impl IntoIterator<Item = (&'o Self, Option<Id>)>, ids: bool) -> Vec<u8> {
        let mut out = Vec::new();
        for (outcome, own) in outcomes {
            outcome.encode(own.filter(|_| !ids), &mut out);
        }
        out
    }

    fn encode(&self, own: Option<Id>, out: &mut Vec<u8>) {
        let plain_match = u32::from(self.verdict != Verdict::Nothing);
        let implied = match &*self.touched {
            [] => self.verdict != Verdict::Created,
            [one] => self.verdict == Verdict::Created && Some(one.id) == own && one.change == Change::Created,
            _ => false,
        };
        let place = Verdict::ALL.iter().position(|verdict| *verdict == self.verdict).unwrap_or_default() as u8;
        let mut head = place;
        head |= if self.matched == plain_match { 0 } else { MATCHED };
        head |= if self.kept.is_empty() { 0 } else { KEPT };
        head |= if implied { 0 } else { TOUCHED };
        out.push(head);
        out.push(subject_number(self.subject));
        if head & MATCHED != 0 {
            varint(self.matched.into(), out);
        }
        if head & KEPT != 0 {
            varint(self.kept.len() as u64, out);
            self.kept.iter().for_each(|field| name(field, out));
        }
        if head & TOUCHED != 0 {
            varint(self.touched.len() as u64, out);
            for touched in &self.touched {
                let with_id = if Some(touched.id) == own { 0 } else { WITH_ID };
                let kind = match &touched.change {
                    Change::Created => CREATED,
                    Change::Updated(_) => UPDATED,
                    Change::Removed(_) => REMOVED,
                    Change::Locked(_) => LOCKED,
                    Change::Noted => NOTED,
                };
                out.push(kind | with_id);
                if with_id != 0 {
                    out.extend_from_slice(&touched.id.0);
                }
                match &touched.change {
                    Change::Created | Change::Noted => {}
                    Change::Updated(before) => {
                        varint(before.execution, out);
                        fields_out(&before.fields, out);
                    }
                    Change::Removed(row) => {
                        varint(row.execution, out);
                        text(&row.external_id, out);
                        fields_out(&row.fields, out);
                        varint(row.locked.len() as u64, out);
                        row.locked.iter().for_each(|field| name(field, out));
                    }
                    Change::Locked(field) => name(field, out),
                }
            }
        }
    }

    /// Reads outcomes back. `own` gives the id that each effect names, in order; where it gives none although one is needed, the id is
    /// all zeros.
    ///
    /// # Errors
    /// Where the bytes are not outcomes.
    pub fn decode_all(bytes: &[u8], mut own: impl FnMut(usize) -> Option<Id>) -> Result<Vec<Self>, Malformed> {
        let mut reader = Reader(bytes);
        let mut outcomes = Vec::new();
        while !reader.0.is_empty() {
            let own = own(outcomes.len()).unwrap_or(Id([0; 16]));
            outcomes.push(reader.outcome(own)?);
        }
        Ok(outcomes)
    }
}

fn subject_number(subject: Subject) -> u8 {
    SUBJECTS.iter().position(|known| *known == subject).unwrap_or_default() as u8
}

fn varint(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn text(text: &str, out: &mut Vec<u8>) {
    varint(text.len() as u64, out);
    out.extend_from_slice(text.as_bytes());
}

/// A field: its place among the known names, else (0) the name itself.
fn name(field: &str, out: &mut Vec<u8>) {
    match NAMES.iter().position(|known| *known == field) {
        Some(place) => out.push(place as u8 + 1),
        None => {
            out.push(0);
            text(field, out);
        }
    }
}

fn fields_out(fields: &[(Text, Value)], out: &mut Vec<u8>) {
    varint(fields.len() as u64, out);
    for (field, value) in fields {
        name(field, out);
        value_out(value, out);
    }
}

/// Writes a value of a field as few bytes.
fn value_out(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(0),
        Value::Boolean(false) => out.push(1),
        Value::Boolean(true) => out.push(2),
        Value::Number(number) => {
            out.push(3);
            text(&salesdash_value::number::plain(*number), out);
        }
        Value::Text(value) => {
            out.push(4);
            text(value, out);
        }
        Value::Datetime(instant) => {
            out.push(5);
            out.extend_from_slice(&instant.as_microsecond().to_be_bytes());
        }
        Value::Identity(identity) => {
            out.push(6);
            out.push(subject_number(Subject::Identity(identity.kind)));
            out.extend_from_slice(&identity.id.0);
            text(&identity.external_id, out);
        }
        Value::List(_) | Value::Object(_) | Value::BigNumber(_) | Value::Record(_) => {
            out.push(7);
            text(&json::to_string(value), out);
        }
    }
}

struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn byte(&mut self) -> Result<u8, Malformed> {
        let (first, rest) = self.0.split_first().ok_or(Malformed)?;
        self.0 = rest;
        Ok(*first)
    }

    fn bytes(&mut self, count: usize) -> Result<&'b [u8], Malformed> {
        let (bytes, rest) = self.0.split_at_checked(count).ok_or(Malformed)?;
        self.0 = rest;
        Ok(bytes)
    }

    fn varint(&mut self) -> Result<u64, Malformed> {
        let mut number = 0u64;
        for shift in (0..70).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f).checked_shl(shift).ok_or(Malformed)?;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Malformed)
    }

    /// A count of things of at least one byte each: never more than there are bytes.
    fn count(&mut self) -> Result<usize, Malformed> {
        let count = usize::try_from(self.varint()?).map_err(|_| Malformed)?;
        if count > self.0.len() { Err(Malformed) } else { Ok(count) }
    }

    fn text(&mut self) -> Result<&'b str, Malformed> {
        let length = self.count()?;
        std::str::from_utf8(self.bytes(length)?).map_err(|_| Malformed)
    }

    fn name(&mut self) -> Result<Text, Malformed> {
        match self.byte()? {
            0 => Ok(Text::new(self.text()?)),
            place => NAMES.get(usize::from(place) - 1).map(|name| Text::new_static(name)).ok_or(Malformed),
        }
    }

    fn id(&mut self) -> Result<Id, Malformed> {
        let mut id = [0; 16];
        id.copy_from_slice(self.bytes(16)?);
        Ok(Id(id))
    }

    fn subject(&mut self) -> Result<Subject, Malformed> {
        let number = self.byte()?;
        SUBJECTS.get(usize::from(number)).copied().ok_or(Malformed)
    }

    fn fields(&mut self) -> Result<Vec<(Text, Value)>, Malformed> {
        let count = self.count()?;
        (0..count).map(|_| Ok((self.name()?, self.value()?))).collect()
    }

    fn value(&mut self) -> Result<Value, Malformed> {
        Ok(match self.byte()? {
            0 => Value::Null,
            1 => Value::Boolean(false),
            2 => Value::Boolean(true),
            3 => Value::Number(self.text()?.parse::<Decimal>().map_err(|_| Malformed)?),
            4 => Value::text(self.text()?),
            5 => {
                let mut bytes = [0; 8];
                bytes.copy_from_slice(self.bytes(8)?);
                Value::Datetime(Instant::from_microsecond(i64::from_be_bytes(bytes)).map_err(|_| Malformed)?)
            }
            6 => {
                let Subject::Identity(kind) = self.subject()? else { return Err(Malformed) };
                let id = self.id()?;
                let external_id = Text::new(self.text()?);
                Value::Identity(Arc::new(Identity { kind, id, external_id, external_name: Text::default() }))
            }
            7 => json::parse(self.text()?.as_bytes(), json::Limits::DEFAULT).map_err(|_| Malformed)?,
            _ => return Err(Malformed),
        })
    }

    fn outcome(&mut self, own: Id) -> Result<Outcome, Malformed> {
        let head = self.byte()?;
        let verdict = *Verdict::ALL.get(usize::from(head & VERDICT)).ok_or(Malformed)?;
        let subject = self.subject()?;
        let mut outcome = Outcome::new(subject, verdict);
        outcome.matched = if head & MATCHED == 0 {
            u32::from(verdict != Verdict::Nothing)
        } else {
            u32::try_from(self.varint()?).map_err(|_| Malformed)?
        };
        if head & KEPT != 0 {
            let count = self.count()?;
            outcome.kept = (0..count).map(|_| self.name()).collect::<Result<_, _>>()?;
        }
        if head & TOUCHED != 0 {
            let count = self.count()?;
            outcome.touched = (0..count).map(|_| self.touched(subject, own)).collect::<Result<_, _>>()?;
        } else if verdict == Verdict::Created {
            outcome.touched.push(Touched { id: own, change: Change::Created });
        }
        Ok(outcome)
    }

    fn touched(&mut self, subject: Subject, own: Id) -> Result<Touched, Malformed> {
        let head = self.byte()?;
        let id = if head & WITH_ID == 0 { own } else { self.id()? };
        let change = match head & !WITH_ID {
            CREATED => Change::Created,
            UPDATED => {
                let execution = self.varint()?;
                Change::Updated(Before { execution, fields: self.fields()? })
            }
            NOTED => Change::Noted,
            REMOVED => {
                let execution = self.varint()?;
                let external_id = Text::new(self.text()?);
                let fields = self.fields()?;
                let locked = self.count()?;
                let locked = (0..locked).map(|_| self.name()).collect::<Result<_, _>>()?;
                Change::Removed(Box::new(Row { subject, id, external_id, fields, locked, execution }))
            }
            LOCKED => Change::Locked(self.name()?),
            _ => return Err(Malformed),
        };
        Ok(Touched { id, change })
    }
}
