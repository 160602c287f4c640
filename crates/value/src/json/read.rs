//! Reading JSON into values.

use jiter::{Jiter, JiterError, JsonErrorType, Peek};

use super::JsonError;
use crate::{Text, Value, number};

/// What JSON may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Nesting of lists and objects: 1 for a list of scalars. [`Limits::DEEPEST`] at most, whatever is asked.
    pub depth: usize,
    /// Values in all: the outermost, and every item and field inside.
    pub nodes: usize,
}

impl Limits {
    /// The deepest nesting that is ever read: values are read, written and dropped by recursion.
    pub const DEEPEST: usize = 512;

    /// What a document or a record may hold.
    pub const DEFAULT: Self = Self { depth: 128, nodes: 1_000_000 };

    /// How deep is read.
    pub(super) fn depth(self) -> usize {
        self.depth.min(Self::DEEPEST)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The most fields for which a repeated key is looked for as each field is read; in larger objects, all at once at the end.
const FEW_FIELDS: usize = 32;

/// Room for the fields and the items of a usual record.
const USUAL: usize = 32;

/// Reads one JSON value.
///
/// # Errors
/// Where the text is not JSON or goes over a limit.
pub fn parse(text: &[u8], limits: Limits) -> Result<Value, JsonError> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    Reader::new(limits).document(&mut Jiter::new(text), limits.depth()).map_err(|stop| stop.error(text, 0, limits))
}

/// Why reading stops. Behind a pointer, so that a result is no larger than a value.
pub(super) struct Stop(Box<Reason>);

impl Stop {
    /// What to say of it, where reading began at a byte of the text.
    pub(super) fn error(self, text: &[u8], start: usize, limits: Limits) -> JsonError {
        let (index, text_of) = match *self.0 {
            Reason::Json(error) => (error.index, error.error_type.to_string()),
            Reason::Value(index) => (index, JsonErrorType::ExpectedSomeValue.to_string()),
            Reason::Depth(index) => (index, format!("nested more than {} deep", limits.depth())),
            Reason::Nodes(index) => (index, format!("more than {} values", limits.nodes)),
        };
        let before = &text[..(start + index).min(text.len())];
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
        JsonError { line: memchr::memchr_iter(b'\n', before).count() + 1, column: before.len() - line_start + 1, text: text_of }
    }
}

/// Why reading stops, and at which byte.
enum Reason {
    Json(JiterError),
    /// Here is no value.
    Value(usize),
    Depth(usize),
    Nodes(usize),
}

impl From<JiterError> for Stop {
    #[cold]
    fn from(error: JiterError) -> Self {
        Self(Box::new(Reason::Json(error)))
    }
}

impl From<Reason> for Stop {
    #[cold]
    fn from(reason: Reason) -> Self {
        Self(Box::new(reason))
    }
}

/// Fields and items of the lists and objects that are still open, the innermost at the end.
pub(super) struct Reader {
    pub(super) fields: Vec<(Text, Value)>,
    pub(super) items: Vec<Value>,
    pub(super) nodes_left: usize,
}

impl Reader {
    pub(super) fn new(limits: Limits) -> Self {
        Self { fields: Vec::with_capacity(USUAL), items: Vec::with_capacity(USUAL), nodes_left: limits.nodes }
    }

    fn document(&mut self, json: &mut Jiter<'_>, depth: usize) -> Result<Value, Stop> {
        let peek = json.peek()?;
        let value = self.value(json, peek, depth)?;
        json.finish()?;
        Ok(value)
    }

    #[inline(always)]
    pub(super) fn value(&mut self, json: &mut Jiter<'_>, peek: Peek, depth: usize) -> Result<Value, Stop> {
        match self.nodes_left.checked_sub(1) {
            Some(left) => self.nodes_left = left,
            None => return Err(Reason::Nodes(json.current_index()).into()),
        }
        Ok(match peek {
            Peek::String => Value::Text(Text::new(json.known_str()?)),
            Peek::Object => return self.object(json, depth),
            Peek::Array => return self.list(json, depth),
            Peek::Null => {
                json.known_null()?;
                Value::Null
            }
            Peek::True | Peek::False => Value::Boolean(json.known_bool(peek)?),
            _ if peek == Peek::Minus || peek.into_inner().is_ascii_digit() => {
                let text = json.known_number_bytes(peek)?;
                match number::parse_bytes(text) {
                    Some(number) => Value::Number(number),
                    // Digits, signs, points and exponents only.
                    None => Value::BigNumber(String::from_utf8_lossy(text).into()),
                }
            }
            _ => return Err(Reason::Value(json.current_index()).into()),
        })
    }

    fn list(&mut self, json: &mut Jiter<'_>, depth: usize) -> Result<Value, Stop> {
        let inner = deeper(json, depth)?;
        let start = self.items.len();
        let mut next = json.known_array()?;
        while let Some(peek) = next {
            let item = self.value(json, peek, inner)?;
            self.items.push(item);
            next = json.array_step()?;
        }
        Ok(Value::List(self.items.drain(start..).collect()))
    }

    fn object(&mut self, json: &mut Jiter<'_>, depth: usize) -> Result<Value, Stop> {
        let inner = deeper(json, depth)?;
        let start = self.fields.len();
        let mut seen = 0u64;
        let mut key = json.known_object()?;
        while let Some(name) = key {
            // A key whose bit is new cannot have been there; of the others, few have.
            let bit = 1 << fingerprint(name);
            let known = if seen & bit != 0 && self.fields.len() - start < FEW_FIELDS {
                self.fields[start..].iter().position(|(known, _)| known == name)
            } else {
                None
            };
            seen |= bit;
            // The key gets its place before its value is read, since moving it twice in a row costs more than anything else here.
            let place = known.map_or(self.fields.len(), |known| start + known);
            if known.is_none() {
                self.fields.push((Text::new(name), Value::Null));
            }
            let peek = json.peek()?;
            self.fields[place].1 = self.value(json, peek, inner)?;
            key = json.next_key()?;
        }
        if self.fields.len() - start >= FEW_FIELDS {
            self.drop_repeated(start);
        }
        Ok(Value::Object(self.fields.drain(start..).collect()))
    }

    /// Of every repeated key in the fields from `start` on, keeps the first place and the last value.
    #[cold]
    fn drop_repeated(&mut self, start: usize) {
        let fields = &self.fields[start..];
        let mut order: Vec<usize> = (0..fields.len()).collect();
        order.sort_unstable_by(|left, right| fields[*left].0.cmp(&fields[*right].0).then(left.cmp(right)));
        let mut repeated = vec![false; fields.len()];
        let mut last_values = Vec::new();
        for same in order.chunk_by(|left, right| fields[*left].0 == fields[*right].0) {
            if let [first, .., last] = same {
                last_values.push((start + first, start + last));
                same[1..].iter().for_each(|index| repeated[*index] = true);
            }
        }
        if last_values.is_empty() {
            return;
        }
        for (first, last) in last_values {
            self.fields.swap(first, last);
        }
        let mut repeated = repeated.into_iter();
        let mut kept = self.fields.split_off(start);
        kept.retain(|_| repeated.next() != Some(true));
        self.fields.append(&mut kept);
    }
}

/// What is left of the depth inside one more list or object.
fn deeper(json: &Jiter<'_>, depth: usize) -> Result<usize, Stop> {
    depth.checked_sub(1).ok_or_else(|| Reason::Depth(json.current_index()).into())
}

/// A number below 64 that differs for most keys that differ.
fn fingerprint(key: &str) -> u32 {
    let bytes = key.as_bytes();
    let at = |index: usize| u32::from(bytes.get(index).copied().unwrap_or_default());
    let length = u32::try_from(bytes.len()).unwrap_or_default();
    let mixed = at(0).wrapping_mul(31).wrapping_add(at(bytes.len() / 2).wrapping_mul(7)).wrapping_add(at(bytes.len().wrapping_sub(1)));
    (mixed.wrapping_add(length.wrapping_mul(13))) & 63
}
