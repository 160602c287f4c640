//! Paths of field names that are literals of an expression: split when the spec is compiled, followed when it runs.

use salesdash_language::vocabulary::{Literals, Prepared};
use salesdash_value::{Text, Value};

/// A dotted path of field names, split.
pub struct Path(Box<[Text]>);

impl Path {
    /// The path in a literal argument.
    pub fn prepare(literals: &Literals<'_>, argument: &str) -> Prepared {
        let path = literals.text(argument).unwrap_or_default();
        Some(Box::new(Self(path.split('.').map(Text::new).collect())))
    }

    /// The value at the end of the path: null where a field is absent or lies below null.
    ///
    /// # Errors
    /// Where the path goes on through something that has no fields: a sentence that says so of what `what` names.
    pub fn follow(&self, what: &str, value: &Value) -> Result<Value, String> {
        self.follow_from(0, what, value)
    }

    fn follow_from(&self, start: usize, what: &str, value: &Value) -> Result<Value, String> {
        let mut value = value;
        for (depth, name) in self.0.iter().enumerate().skip(start) {
            value = match value {
                Value::Null => return Ok(Value::Null),
                Value::Object(_) => match value.get(name) {
                    Some(value) => value,
                    None => return Ok(Value::Null),
                },
                Value::Identity(_) | Value::Record(_) => {
                    return self.follow_from(depth + 1, what, &value.field(name).unwrap_or_default());
                }
                other => {
                    let kind = other.kind_name();
                    return Err(match &self.0[..depth] {
                        [] => format!("{what} is {kind}, which has no field `{name}`"),
                        reached => format!("`{}` of {what} is {kind}, which has no field `{name}`", reached.join(".")),
                    });
                }
            };
        }
        Ok(value.clone())
    }
}
