//! What people fill in.

use salesdash_language::types::{ObjectType, Shape, Type};
use salesdash_value::{Text, Value};

use super::macros::{names, object};
use super::read::{Fields, Json, Name, Named, Unless};

names! {
    /// What a setting holds, and with that the control it gets in a form.
    SettingType {
        /// a line of text
        String = "string",
        /// a line of text that is stored encrypted, and never shown again
        Secret = "secret",
        /// an address that begins with `https://`
        Url = "url",
        /// one of `options`
        Enum = "enum",
        /// a switch
        Boolean = "boolean",
        /// a number
        Number = "number",
        /// an instant
        Datetime = "datetime",
        /// several lines of text
        List = "list",
    }
}

object! {
    /// One thing that people fill in, of a connection (`settings` of the definition) or of a source (`settings` of a poll or webhook).
    /// Expressions read it as `settings.<name>` or `source.<name>`.
    Setting as "setting" {
        /// What it holds.
        r#type: SettingType,
        /// The label that people see.
        title: Text,
        /// Where to find what belongs here, in a sentence or two.
        help: Option<Text>,
        /// Whether it must be filled in.
        required: Unless,
        /// A regular expression that the whole text must match.
        pattern: Option<Text>,
        /// What can be chosen of an `enum`: value → label.
        options: Fields<Text>,
        /// What it holds where nothing is filled in.
        default: Option<Json>,
        /// An example, shown while the field is empty.
        example: Option<Text>,
        /// It is asked for only while another setting has one of these values.
        when: Option<When>,
    }
}

object! {
    /// Which value of another setting brings a setting into the form.
    When as "when" {
        /// The other setting.
        setting: Name,
        /// Its values.
        is: Vec<Text>,
    }
}

/// The type of the variable that holds settings, in expressions.
pub(crate) fn settings_type(declared: Option<&Value>) -> Type {
    let mut object = ObjectType::default();
    for (name, setting) in declared.and_then(Value::as_object).unwrap_or_default() {
        let ty = match setting.get("type").and_then(Value::as_text) {
            Some("string" | "secret" | "url" | "enum") => Type::STRING,
            Some("boolean") => Type::BOOLEAN,
            Some("number") => Type::NUMBER,
            Some("datetime") => Type::DATETIME,
            Some("list") => Type::array(Type::STRING),
            _ => Type::ANY,
        };
        let required = setting.get("required").and_then(Value::as_boolean).unwrap_or(true);
        object.fields.push((name.clone(), ty.maybe_empty(!required || setting.get("when").is_some())));
    }
    Type::new(Shape::Object(std::sync::Arc::new(object)))
}

/// The names of the settings that hold secrets.
pub fn secrets(settings: &Named<Setting>) -> impl Iterator<Item = &Text> {
    settings.iter().filter(|(_, setting)| setting.r#type == SettingType::Secret).map(|(name, _)| name)
}
