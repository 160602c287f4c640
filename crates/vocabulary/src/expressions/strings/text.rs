//! What the words on text share: the plain form of a value, texts that cannot grow without end, and the price of reading long ones.

use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::codes;
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_value::{Text, TextBuilder, Value, datetime, number};

/// The plain text form of a value: text as it is, numbers without superfluous zeros, datetimes as RFC 3339 in UTC, booleans as `true`
/// and `false`. What has none is given back.
pub fn plain(value: Value) -> Result<Text, Value> {
    match value {
        Value::Text(text) => Ok(text),
        Value::Number(value) => Ok(number::plain(value)),
        Value::Datetime(instant) => Ok(datetime::rfc3339(instant)),
        Value::Boolean(true) => Ok(Text::new_static("true")),
        Value::Boolean(false) => Ok(Text::new_static("false")),
        other => Err(other),
    }
}

/// A text that is put together from parts, of which each can be as long as a text may be.
pub struct Growing {
    text: TextBuilder,
    most: usize,
}

impl Growing {
    /// An empty text.
    pub fn new(call: &Call<'_, '_>) -> Self {
        Self { text: TextBuilder::new(), most: call.context().budgets.text }
    }

    /// Adds a part at the end.
    ///
    /// # Errors
    /// Where it grows larger than an execution may handle.
    pub fn push(&mut self, part: &str) -> Result<(), Fault> {
        if self.text.len() + part.len() > self.most {
            return Err(Fault::new(&codes::SIZE_BUDGET, format!("the text grew to more than {} bytes, which is the most", self.most)));
        }
        self.text.push_str(part);
        Ok(())
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The text as a value.
    pub fn finish(self) -> Value {
        Value::Text(self.text.finish())
    }
}

/// Bytes that can be read in the time of one step.
const BYTES_PER_STEP: usize = 256;

/// Counts the reading of a long text against the budget of steps. What short texts cost is in the step of the expression itself.
///
/// # Errors
/// Where the budget is used up.
pub fn charge(call: &mut Call<'_, '_>, text: &str) -> Result<(), Fault> {
    if text.len() < BYTES_PER_STEP { Ok(()) } else { call.charge(text.len() / BYTES_PER_STEP) }
}

/// A text argument that will be read from end to end.
///
/// # Errors
/// Where it is null or of another type, or cannot be evaluated, or the budget of steps is used up.
pub fn read(call: &mut Call<'_, '_>, argument: usize) -> Result<Text, Fault> {
    let text = call.text(argument)?;
    charge(call, &text)?;
    Ok(text)
}

/// The type rule of a condition on texts: whichever way it comes out, none of its arguments was null.
pub fn condition(check: &mut ExpressionCheck<'_, '_>, arguments: &[&str]) -> Typed {
    let filled: salesdash_language::check::Facts = arguments.iter().flat_map(|name| check.argument(name).filled()).collect();
    Typed::condition(filled.clone(), filled)
}
