//! Reading only parts of a document.

use jiter::Jiter;

use super::read::{Limits, Reader, Stop};
use super::skim::{key, skim, space, string};
use super::{JsonError, Projection, parse};
use crate::{Text, Value};

/// Reads the parts of one JSON value that are asked for. The rest has to be JSON and within the limits all the same.
///
/// # Errors
/// As [`parse`].
pub fn parse_projected(text: &[u8], limits: Limits, projection: &Projection) -> Result<Value, JsonError> {
    if *projection == Projection::All {
        return parse(text, limits);
    }
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut reader = PartReader { text, start: 0, reader: Reader::new(limits) };
    match reader.part(space(text, 0), limits.depth(), projection) {
        Ok((value, end)) if space(text, end) == text.len() => Ok(value),
        // More than one value: as it would be told otherwise.
        Ok(_) => parse(text, limits).map(|value| projection.of(value)),
        Err(stop) => Err(stop.error(text, reader.start, limits)),
    }
}

/// Reads parts at a glance where the text is plain (no escapes, nothing beyond ASCII), and leaves to the other reader what is not.
struct PartReader<'t> {
    text: &'t [u8],
    /// Where the other reader began last.
    start: usize,
    reader: Reader,
}

/// A value, and where it ends; `None` where it is not plain.
type Plain = Result<Option<(Value, usize)>, Stop>;

impl PartReader<'_> {
    /// The part of the value at `at`, and where the value ends.
    fn part(&mut self, at: usize, depth: usize, projection: &Projection) -> Result<(Value, usize), Stop> {
        let (nodes, fields, items) = (self.reader.nodes_left, self.reader.fields.len(), self.reader.items.len());
        let plain = match (projection, self.text.get(at)) {
            (_, Some(b'"')) => self.plain_text(at),
            (Projection::Part { fields, .. }, Some(b'{')) => self.plain_object(at, depth, fields)?,
            (Projection::Part { items: Some(items), .. }, Some(b'[')) => self.plain_list(at, depth, items)?,
            _ => None,
        };
        if let Some(read) = plain {
            return Ok(read);
        }
        self.reader.nodes_left = nodes;
        self.reader.fields.truncate(fields);
        self.reader.items.truncate(items);
        self.start = at;
        let mut json = Jiter::new(&self.text[at.min(self.text.len())..]);
        let peek = json.peek()?;
        let value = self.reader.value(&mut json, peek, depth)?;
        Ok((projection.of(value), at + json.current_index()))
    }

    /// Counts values; false where there are too many.
    fn count(&mut self, values: usize) -> bool {
        let left = self.reader.nodes_left.checked_sub(values);
        self.reader.nodes_left = left.unwrap_or(self.reader.nodes_left);
        left.is_some()
    }

    fn plain_text(&mut self, at: usize) -> Option<(Value, usize)> {
        let end = string(self.text, at)?;
        let text = std::str::from_utf8(&self.text[at + 1..end - 1]).ok()?;
        self.count(1).then(|| (Value::Text(Text::new(text)), end))
    }

    fn plain_object(&mut self, at: usize, depth: usize, wanted: &[(Text, Projection)]) -> Plain {
        let Some(inner) = depth.checked_sub(1).filter(|_| self.count(1)) else { return Ok(None) };
        let start = self.reader.fields.len();
        let mut at = space(self.text, at + 1);
        if self.text.get(at) == Some(&b'}') {
            return Ok(Some((Value::Object([].into()), at + 1)));
        }
        loop {
            let Some((name, value)) = key(self.text, at) else { return Ok(None) };
            at = match wanted.iter().find(|(wanted, _)| wanted.as_bytes() == name) {
                Some((name, projection)) => {
                    let known = self.reader.fields[start..].iter().position(|(known, _)| known == name);
                    let place = known.map_or(self.reader.fields.len(), |known| start + known);
                    if known.is_none() {
                        self.reader.fields.push((name.clone(), Value::Null));
                    }
                    let (part, end) = self.part(value, inner, projection)?;
                    self.reader.fields[place].1 = part;
                    end
                }
                None => match skim(self.text, value, inner) {
                    Some((end, values)) if self.count(values) => end,
                    _ => self.part(value, inner, &Projection::NOTHING)?.1,
                },
            };
            at = space(self.text, at);
            match self.text.get(at) {
                Some(b',') => at = space(self.text, at + 1),
                Some(b'}') => return Ok(Some((Value::Object(self.reader.fields.drain(start..).collect()), at + 1))),
                _ => return Ok(None),
            }
        }
    }

    fn plain_list(&mut self, at: usize, depth: usize, wanted: &Projection) -> Plain {
        let Some(inner) = depth.checked_sub(1).filter(|_| self.count(1)) else { return Ok(None) };
        let start = self.reader.items.len();
        let mut at = space(self.text, at + 1);
        if self.text.get(at) == Some(&b']') {
            return Ok(Some((Value::List([].into()), at + 1)));
        }
        loop {
            let (item, end) = self.part(at, inner, wanted)?;
            self.reader.items.push(item);
            at = space(self.text, end);
            match self.text.get(at) {
                Some(b',') => at = space(self.text, at + 1),
                Some(b']') => return Ok(Some((Value::List(self.reader.items.drain(start..).collect()), at + 1))),
                _ => return Ok(None),
            }
        }
    }
}
