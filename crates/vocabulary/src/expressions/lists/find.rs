use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::codes;
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Literal, Origin};
use salesdash_language::types::Accepts;
use salesdash_language::vocabulary::{Expression, LiteralProblem, Literals, Prepared};
use salesdash_value::Value;

use crate::expressions::logic::equal;
use crate::expressions::path::Path;

/// `find`: the first item of which a field equals a value.
pub struct Find;

static META: ExpressionMeta = ExpressionMeta {
    name: "find",
    group: Group::Lists,
    origin: Origin::Ours,
    summary: "The first item of which a field equals a value",
    phrase: "first of {list} whose {field} is {equals}",
    docs: "Looks at the items from first to last, and gives the first of which the field equals the value, as `equals` compares: this is \
           how to reach a custom field in a list of `{id, value}`. Null where none does, so the result may be empty; put it in `get` \
           to reach a field of it, which is null then too. The field may be a dotted path. Items that are null, or that do not have \
           the field, are passed over. An item without any fields, such as a text, is an error. Null in the place of the value is an \
           error: it would find the first item without the field. To look for more than one field, use `filter` and `first`.",
    arguments: &[
        Argument::required("list", Accepts::ARRAY, "The list of objects"),
        Argument::literal("field", Literal::Path, "The field that is compared, such as `id` or `owner.id`"),
        Argument::required("equals", Accepts::ANY, "The value that it must have"),
    ],
    returns: "The item, of the type that the items have; null where none is found",
    gives: Accepts::ANY,
    search_terms: &["search", "custom field", "where", "lookup", "select", "match"],
    roles: &[],
    examples: &[
        Example {
            title: "A custom field",
            node: r#"{"type": "find", "list": {"type": "var", "var": "fields"}, "field": "id", "equals": {"type": "literal", "value": "region"}}"#,
            given: r#"{"fields": [{"id": "size", "value": "XL"}, {"id": "region", "value": "north"}]}"#,
            gives: Gives::Value(r#"{"id": "region", "value": "north"}"#),
        },
        Example {
            title: "The first of two, along a path",
            node: r#"{"type": "find", "list": {"type": "var", "var": "tasks"}, "field": "owner.id", "equals": {"type": "literal", "value": 7}}"#,
            given: r#"{"tasks": [{"n": 1, "owner": null}, {"n": 2, "owner": {"id": 7}}, {"n": 3, "owner": {"id": 7}}]}"#,
            gives: Gives::Value(r#"{"n": 2, "owner": {"id": 7}}"#),
        },
        Example {
            title: "None",
            node: r#"{"type": "find", "list": {"type": "var", "var": "fields"}, "field": "id", "equals": {"type": "literal", "value": "region"}}"#,
            given: r#"{"fields": []}"#,
            gives: Gives::Value("null"),
        },
        Example {
            title: "A field that the items do not have",
            node: r#"{"type": "find", "list": {"type": "var", "var": "fields"}, "field": "idd", "equals": {"type": "literal", "value": "region"}}"#,
            given: r#"{"fields": [{"id": "size"}]}"#,
            gives: Gives::Refused("E203"),
        },
        Example {
            title: "Texts have no fields",
            node: r#"{"type": "find", "list": {"type": "var", "var": "tags"}, "field": "id", "equals": {"type": "literal", "value": "x"}}"#,
            given: r#"{"tags": ["x", "y"]}"#,
            gives: Gives::Refused("E206"),
        },
    ],
};

impl Expression for Find {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        let item = check.argument("list").ty.item();
        let equals = check.argument("equals");
        if let Some(path) = check.literal_text("field").map(ToOwned::to_owned) {
            let field = check.follow("field", &item, &path);
            check.compare("equals", None, &field.into(), &equals);
        }
        item.maybe_empty(true).into()
    }

    fn prepare(&self, literals: &Literals<'_>) -> Result<Prepared, LiteralProblem> {
        Ok(Path::prepare(literals, "field"))
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let list = call.view(0)?;
        let Value::List(list) = &*list else { return Err(call.unfit(0, None, Accepts::ARRAY, &list)) };
        let wanted = call.accepted(2)?;
        let path = call.prepared::<Path>();
        call.charge(list.len())?;
        for (index, item) in list.iter().enumerate() {
            match path.follow("the item", item) {
                Ok(value) if equal(&value, &wanted) => return Ok(item.clone()),
                Ok(_) => {}
                Err(text) => {
                    let text = format!("at place {index} of `{}`, {text}", call.label(0));
                    return Err(call.fault(&codes::NOT_AN_OBJECT, 0, text));
                }
            }
        }
        Ok(Value::Null)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use salesdash_language::types::{ObjectType, Personal, Shape, Type};
    use salesdash_value::Text;

    use crate::testing::{checked, evaluate, fails};

    const NODE: &str =
        r#"{"type": "find", "list": {"type": "var", "var": "list"}, "field": "id", "equals": {"type": "var", "var": "wanted"}}"#;

    #[test]
    fn null_items_are_passed_over_and_others_need_fields() {
        assert_eq!(evaluate(NODE, r#"{"list": [null, {}, {"id": 1, "n": 2}], "wanted": 1.0}"#).expect("a value").get("n"), Some(&2.into()));
        assert_eq!(fails(NODE, r#"{"list": ["x"], "wanted": 1}"#), "E206");
        assert_eq!(fails(NODE, r#"{"list": [{"id": null}], "wanted": null}"#), "E202");
        assert!(evaluate(NODE, r#"{"list": [{"id": 1}, "x"], "wanted": 1}"#).is_ok());
    }

    #[test]
    fn the_item_keeps_its_own_marks_and_what_never_fits_is_pointed_out() {
        let fields = vec![(Text::new("id"), Type::NUMBER), (Text::new("value"), Type::STRING.with_personal(Personal::NAME))];
        let item = Type::new(Shape::Object(Arc::new(ObjectType { fields, open: false })));
        let found = checked(NODE, &[("list", Type::array(item.clone())), ("wanted", Type::NUMBER.with_personal(Personal::IDENTIFIER))]);
        assert_eq!(found.ty, item.clone().maybe_empty(true));
        assert!(found.diagnostics.is_empty());
        let never = checked(NODE, &[("list", Type::array(item)), ("wanted", Type::STRING)]);
        assert_eq!(never.diagnostics[0].code.code, "E205");
        assert_eq!(never.diagnostics[0].pointer, "/equals");
    }
}
