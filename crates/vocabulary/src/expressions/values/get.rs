use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::codes;
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Literal, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::{Expression, LiteralProblem, Literals, Prepared};
use salesdash_value::Value;

use crate::expressions::path::Path;

/// `get`: a field of the result of an expression.
pub struct Get;

static META: ExpressionMeta = ExpressionMeta {
    name: "get",
    group: Group::Values,
    origin: Origin::Ours,
    summary: "A field of the result of an expression",
    phrase: "{value}.{path}",
    docs: "Follows a dotted path of field names into a value: what `var` does from a variable, `get` does from any expression, such as \
           what `find` or `parse_json` gives. A field that is absent, or that lies below null, is null; so `get` of nothing found is \
           null. A path that goes on through a text, a number or a list is an error. Where the fields are declared, one that is not \
           among them is refused when the spec is checked.",
    arguments: &[
        Argument::required("value", Accepts::ANY, "Where the path begins").nullable(),
        Argument::literal("path", Literal::Path, "The dotted path, such as `owner.email`"),
    ],
    returns: "The value of the field, of the type that it has",
    gives: Accepts::ANY,
    search_terms: &["field", "property", "path", "pluck", "attribute"],
    roles: &[],
    examples: &[
        Example {
            title: "A field of an item that is looked for",
            node: r#"{"type": "get", "path": "value", "value": {"type": "find", "list": {"type": "var", "var": "fields"}, "field": "id", "equals": {"type": "literal", "value": "region"}}}"#,
            given: r#"{"fields": [{"id": "size", "value": "XL"}, {"id": "region", "value": "north"}]}"#,
            gives: Gives::Value(r#""north""#),
        },
        Example {
            title: "Nothing is found",
            node: r#"{"type": "get", "path": "value", "value": {"type": "find", "list": {"type": "var", "var": "fields"}, "field": "id", "equals": {"type": "literal", "value": "region"}}}"#,
            given: r#"{"fields": [{"id": "size", "value": "XL"}]}"#,
            gives: Gives::Value("null"),
        },
        Example {
            title: "A field in JSON text",
            node: r#"{"type": "get", "path": "owner.id", "value": {"type": "parse_json", "value": {"type": "var", "var": "body"}}}"#,
            given: r#"{"body": "{\"owner\": {\"id\": \"u1\"}}"}"#,
            gives: Gives::Value(r#""u1""#),
        },
        Example {
            title: "A field that is not there",
            node: r#"{"type": "get", "path": "nmae", "value": {"type": "var", "var": "owner"}}"#,
            given: r#"{"owner": {"name": "Sam"}}"#,
            gives: Gives::Refused("E203"),
        },
        Example {
            title: "A text has no fields",
            node: r#"{"type": "get", "path": "a.b", "value": {"type": "parse_json", "value": {"type": "literal", "value": "{\"a\": \"x\"}"}}}"#,
            given: "",
            gives: Gives::Error("E206"),
        },
    ],
};

impl Expression for Get {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        let value = check.argument("value");
        match check.literal_text("path").map(ToOwned::to_owned) {
            Some(path) => check.follow("path", &value.ty, &path).into(),
            None => Type::INVALID.into(),
        }
    }

    fn prepare(&self, literals: &Literals<'_>) -> Result<Prepared, LiteralProblem> {
        Ok(Path::prepare(literals, "path"))
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let value = call.value(0)?;
        call.prepared::<Path>().follow(&format!("`{}`", call.label(0)), &value).map_err(|text| call.fault(&codes::NOT_AN_OBJECT, 0, text))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use salesdash_language::types::{ObjectType, Personal, Shape, Type};
    use salesdash_value::{IdentityKind, Text};

    use crate::testing::checked;

    #[test]
    fn only_the_marks_of_the_field_are_kept() {
        let fields =
            vec![(Text::new("name"), Type::STRING.with_personal(Personal::NAME)), (Text::new("stage"), Type::STRING.maybe_empty(true))];
        let object = Type::new(Shape::Object(Arc::new(ObjectType { fields, open: false })));
        let ty = |path: &str, value: &Type| {
            let node = format!(r#"{{"type": "get", "value": {{"type": "var", "var": "a"}}, "path": "{path}"}}"#);
            checked(&node, &[("a", value.clone())]).ty
        };
        assert_eq!(ty("name", &object), Type::STRING.with_personal(Personal::NAME));
        assert_eq!(ty("stage", &object), Type::STRING.maybe_empty(true));
        assert_eq!(ty("name", &object.maybe_empty(true)), Type::STRING.maybe_empty(true).with_personal(Personal::NAME));
        let agent = Type::new(Shape::Identity(IdentityKind::Agent, Personal::NAME));
        assert_eq!(ty("external_id", &agent), Type::STRING);
        assert_eq!(ty("external_name", &agent), Type::STRING.with_personal(Personal::NAME));
    }

    #[test]
    fn a_mistyped_path_is_mended() {
        let fields = vec![(Text::new("name"), Type::STRING)];
        let owner = Type::new(Shape::Object(Arc::new(ObjectType { fields, open: false })));
        let object = Type::new(Shape::Object(Arc::new(ObjectType { fields: vec![(Text::new("owner"), owner)], open: false })));
        let checked = checked(r#"{"type": "get", "value": {"type": "var", "var": "a"}, "path": "owner.nmae"}"#, &[("a", object)]);
        assert_eq!(checked.diagnostics[0].pointer, "/path");
        assert_eq!(checked.diagnostics[0].text, "`owner` has no field `nmae`; did you mean `name`?");
        assert_eq!(checked.diagnostics[0].fixes[0].title, "Use `owner.name`");
    }
}
