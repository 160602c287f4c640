//! Which parts of a document are read.

use crate::{Text, Value};

/// Which parts of a document are read: of the rest it is only made sure that it is JSON and within the limits. A program that uses nine
/// fields of a record of fifty is spared making values of the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Projection {
    /// All of it.
    All,
    /// Of an object these fields, of a list this part of each item. Where the document has something else in this place, all of that.
    Part {
        /// The fields, and what of each.
        fields: Vec<(Text, Projection)>,
        /// What of each item of a list; `None` where no list is looked into.
        items: Option<Box<Projection>>,
    },
}

/// A step from a value to one inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// To a field of an object.
    Field(Text),
    /// To every item of a list.
    Items,
}

impl Projection {
    /// Nothing but what kind of value the document is.
    pub const NOTHING: Self = Self::Part { fields: Vec::new(), items: None };

    /// The part of a value that has been read whole.
    #[must_use]
    pub fn of(&self, value: Value) -> Value {
        match (self, value) {
            (Self::Part { fields: wanted, .. }, Value::Object(fields)) => {
                let part = |(name, value): &(Text, Value)| {
                    let (_, projection) = wanted.iter().find(|(wanted, _)| wanted == name)?;
                    Some((name.clone(), projection.of(value.clone())))
                };
                Value::Object(fields.iter().filter_map(part).collect())
            }
            (Self::Part { items: Some(projection), .. }, Value::List(items)) => {
                Value::List(items.iter().map(|item| projection.of(item.clone())).collect())
            }
            (_, value) => value,
        }
    }

    /// Adds everything at the end of a path; with `whole` false only that it is there, and of what kind.
    pub fn add(&mut self, path: &[Step], whole: bool) {
        let Self::Part { fields, items } = self else { return };
        match path.split_first() {
            None if whole => *self = Self::All,
            None => {}
            Some((Step::Items, rest)) => items.get_or_insert_with(|| Box::new(Self::NOTHING)).add(rest, whole),
            Some((Step::Field(name), rest)) => {
                let place = fields.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
                    fields.push((name.clone(), Self::NOTHING));
                    fields.len() - 1
                });
                fields[place].1.add(rest, whole);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Limits, parse, parse_projected, to_string};

    fn field(name: &str) -> Step {
        Step::Field(Text::new(name))
    }

    fn read(projection: &Projection, text: &str) -> String {
        to_string(&parse_projected(text.as_bytes(), Limits::DEFAULT, projection).unwrap())
    }

    #[test]
    fn only_what_is_wanted_is_read() {
        let mut projection = Projection::NOTHING;
        projection.add(&[field("id")], true);
        projection.add(&[field("lines"), Step::Items, field("sku")], true);
        projection.add(&[field("contact"), field("email")], true);
        projection.add(&[field("tags")], false);
        let text = r#"{"a": [1, {"b": null}], "id": 7, "lines": [{"sku": "x", "n": 1}, null, {"n": 2}, "text"], "contact": {"name": "J", "email": "j@x"},
            "tags": ["p", "q"]}"#;
        assert_eq!(read(&projection, text), r#"{"id":7,"lines":[{"sku":"x"},null,{},"text"],"contact":{"email":"j@x"},"tags":["p","q"]}"#);
        // What is not of the kind that was expected is there, for the message that says so.
        assert_eq!(
            read(&projection, r#"{"id": {"x": 1}, "lines": {"sku": 1}, "contact": [1]}"#),
            r#"{"id":{"x":1},"lines":{},"contact":[1]}"#
        );
        assert_eq!(read(&projection, "[1, 2]"), "[1,2]");
        assert_eq!(read(&Projection::All, r#"{"a": [1]}"#), r#"{"a":[1]}"#);
    }

    #[test]
    fn the_last_of_a_repeated_key_wins_as_everywhere() {
        let mut projection = Projection::NOTHING;
        projection.add(&[field("id")], true);
        assert_eq!(read(&projection, r#"{"id": 1, "x": 2, "id": 3}"#), r#"{"id":3}"#);
    }

    #[test]
    fn adding_a_part_of_what_is_wanted_whole_changes_nothing() {
        let mut projection = Projection::NOTHING;
        projection.add(&[field("a")], true);
        let before = projection.clone();
        projection.add(&[field("a"), field("b")], true);
        assert_eq!(projection, before);
        projection.add(&[], true);
        assert_eq!(projection, Projection::All);
    }

    #[test]
    fn what_is_not_read_is_held_to_the_same_rules() {
        let limits = Limits { depth: 4, nodes: 8 };
        let nothing = Projection::NOTHING;
        for text in [
            r#"{"a": tru}"#,
            r#"{"a": "\q"}"#,
            r#"{"a": "\ud800"}"#,
            r#"{"a": 01}"#,
            r#"{"a": [1,]}"#,
            r#"{"a": {"b" 1}}"#,
            r#"{"a": [[[[1]]]]}"#,
            r#"{"a": [1,2,3,4,5,6,7,8,9]}"#,
            "{\"a\": \"\u{1}\"}",
            r#"{"a": 1} x"#,
        ] {
            let expected = parse(text.as_bytes(), limits).expect_err(text);
            assert_eq!(parse_projected(text.as_bytes(), limits, &nothing), Err(expected), "{text}");
        }
        let broken = b"{\"a\": \"\xff\"}";
        assert_eq!(parse_projected(broken, limits, &nothing), Err(parse(broken, limits).unwrap_err()));
    }
}
