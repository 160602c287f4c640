//! Dotted, null-safe paths into a value.

use std::fmt;

use salesdash_value::{Text, Value};

/// The most steps that a path can have.
pub const MAX_STEPS: usize = 32;

/// A dotted path such as `data.items` or `lines.0.id`: names of fields, and the position (from 0) of an item in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    steps: Vec<Text>,
}

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let steps: Vec<Text> = text.split('.').map(Text::new).collect();
        if steps.iter().any(|step| step.is_empty()) {
            return Err("a path is names with a dot between them, such as `data.id`".to_owned());
        }
        if steps.len() > MAX_STEPS {
            return Err(format!("a path has at most {MAX_STEPS} steps"));
        }
        Ok(Self { steps })
    }

    /// What stands there. `None` where the value ends before the path does.
    #[must_use]
    pub fn find<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.steps.iter().try_fold(value, |value, step| match value {
            Value::List(items) => items.get(step.parse::<usize>().ok()?),
            _ => value.get(step),
        })
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.steps.join("."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, json: &str, expected: Option<&str>) {
        let value = salesdash_value::json::parse(json.as_bytes(), salesdash_value::json::Limits::DEFAULT).expect("valid JSON");
        let found = Path::parse(path).expect("valid path").find(&value).map(salesdash_value::json::to_string);
        assert_eq!(found.as_deref(), expected, "{path} in {json}");
    }

    #[test]
    fn follows_fields_and_items() {
        check("a.b", r#"{"a":{"b":1}}"#, Some("1"));
        check("a.1.b", r#"{"a":[{},{"b":2}]}"#, Some("2"));
        check("1", r#"{"1":"x"}"#, Some("\"x\""));
        check("a.b.c", r#"{"a":null}"#, None);
        check("a.x", r#"{"a":[1]}"#, None);
        check("a.7", r#"{"a":[1]}"#, None);
    }

    #[test]
    fn refuses_what_is_not_a_path() {
        assert!(Path::parse("").is_err());
        assert!(Path::parse("a..b").is_err());
        assert!(Path::parse(&["a"; 33].join(".")).is_err());
    }
}
