use salesdash_language::check::InstructionCheck;
use salesdash_language::diagnostics::Failure;
use salesdash_language::evaluate::{Flow, Run};
use salesdash_language::meta::{Field, Group, InstructionExample, InstructionMeta, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Instruction;

/// `for_each`: instructions run once for each item of a list.
pub struct ForEach;

/// The places of the fields.
const LIST: usize = 0;
const ITEM_VAR: usize = 1;
const BODY: usize = 2;

static META: InstructionMeta = InstructionMeta {
    name: "for_each",
    group: Group::Flow,
    origin: Origin::Documented,
    summary: "Runs instructions once for each item of a list",
    phrase: "For each {item_var} in {list}",
    docs: "Runs `body` for each item, from first to last, with the item in the variable that `item_var` names. An empty list runs nothing; \
           null in the place of the list is an error.\n\n\
           An error in one iteration undoes what that iteration wrote, and the loop goes on: the execution then ends as *partially failed*. \
           Only a budget that is used up ends the loop. What the body sets ends with the iteration: to get something out of a list, use \
           `map`, `filter`, `find` or `sum`. A `skip_record` in the body ends the whole execution.",
    fields: &[
        Field::required("list", Accepts::ARRAY, "The list").takes_personal(),
        Field::item_of("list", "item_var", "The name of the variable that stands for the item"),
        Field::instructions("body", true, "What runs for each item"),
    ],
    returns: None,
    effect: false,
    search_terms: &["loop", "iterate", "repeat", "every", "items", "lines"],
    roles: &[],
    examples: &[
        InstructionExample {
            title: "Once for each item",
            instructions: r#"[{"id": "loop", "type": "for_each", "list": {"type": "var", "var": "event.users"}, "item_var": "user", "body": [
                {"id": "agent", "type": "upsert_agent_external_identity", "external_id": {"type": "var", "var": "user.id"}}]}]"#,
            given: r#"{"users": [{"id": "u1"}, {"id": "u2"}]}"#,
            status: "succeeded",
            effects: r#"[{"operation": "upsert_agent_external_identity", "instruction": "agent", "path": [0], "external_id": "u1", "external_name": "u1"},
                {"operation": "upsert_agent_external_identity", "instruction": "agent", "path": [1], "external_id": "u2", "external_name": "u2"}]"#,
        },
        InstructionExample {
            title: "A failed iteration is undone, and the loop goes on",
            instructions: r#"[{"id": "loop", "type": "for_each", "list": {"type": "var", "var": "event.users"}, "item_var": "user", "body": [
                {"id": "team", "type": "upsert_team_external_identity", "external_id": {"type": "literal", "value": "t1"}},
                {"id": "agent", "type": "upsert_agent_external_identity", "external_id": {"type": "var", "var": "user.id"}}]}]"#,
            given: r#"{"users": [{"id": null}, {"id": "u2"}]}"#,
            status: "partially_failed",
            effects: r#"[{"operation": "upsert_team_external_identity", "instruction": "team", "path": [1], "external_id": "t1", "external_name": "t1"},
                {"operation": "upsert_agent_external_identity", "instruction": "agent", "path": [1], "external_id": "u2", "external_name": "u2"}]"#,
        },
        InstructionExample {
            title: "A loop in a loop",
            instructions: r#"[{"id": "teams", "type": "for_each", "list": {"type": "var", "var": "event.teams"}, "item_var": "users", "body": [
                {"id": "users", "type": "for_each", "list": {"type": "var", "var": "users"}, "item_var": "user", "body": [
                {"id": "agent", "type": "upsert_agent_external_identity", "external_id": {"type": "var", "var": "user"}}]}]}]"#,
            given: r#"{"teams": [["u1"], ["u2"]]}"#,
            status: "succeeded",
            effects: r#"[{"operation": "upsert_agent_external_identity", "instruction": "agent", "path": [0, 0], "external_id": "u1", "external_name": "u1"},
                {"operation": "upsert_agent_external_identity", "instruction": "agent", "path": [1, 0], "external_id": "u2", "external_name": "u2"}]"#,
        },
        InstructionExample {
            title: "No list",
            instructions: r#"[{"id": "loop", "type": "for_each", "list": {"type": "var", "var": "event.users"}, "item_var": "user", "body": []}]"#,
            given: r#"{"users": null}"#,
            status: "failed",
            effects: "[]",
        },
    ],
};

impl Instruction for ForEach {
    fn meta(&self) -> &'static InstructionMeta {
        &META
    }

    fn check(&self, check: &mut InstructionCheck<'_, '_>) -> Option<Type> {
        let item = check.field("list").map_or(Type::INVALID, |list| list.ty.item());
        check.body("body", "item_var", item);
        None
    }

    fn run(&self, run: &mut Run<'_, '_>) -> Result<Flow, Failure> {
        let items = run.view(LIST)?;
        run.each(BODY, ITEM_VAR, items)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{reports, run, spec};

    const FIELDS: &str = r#"{"lines": {"type": "array", "items": {"type": "object", "fields": {
        "sku": "string", "note": {"type": "string", "may_be_empty": true}, "buyer": {"type": "string", "personal": "email"}}}}}"#;

    fn over(var: &str, body: &str, after: &str) -> salesdash_language::check::Checked {
        let list = format!(r#"{{"type": "var", "var": "{var}"}}"#);
        spec(&format!(r#"[{{"id": "loop", "type": "for_each", "list": {list}, "item_var": "line", "body": [{body}]}}{after}]"#), FIELDS)
    }

    fn upsert(id: &str, var: &str) -> String {
        format!(r#"{{"id": "{id}", "type": "upsert_proposition_external_identity", "external_id": {{"type": "var", "var": "{var}"}}}}"#)
    }

    #[test]
    fn the_item_has_the_type_of_the_items() {
        let at = |field: &str| {
            let checked = over("deal.lines", &upsert("u", field), "");
            reports(&checked).into_iter().map(|(code, pointer)| (code, pointer.to_owned())).collect::<Vec<_>>()
        };
        let place = "/instructions/0/body/0/external_id";
        assert_eq!(at("line.sku"), []);
        assert_eq!(at("line.note"), [("E202", place.to_owned())]);
        assert_eq!(at("line.buyer"), [("E401", place.to_owned())]);
        assert_eq!(at("line.skuu"), [("E203", format!("{place}/var"))]);
    }

    #[test]
    fn the_item_and_what_the_body_sets_end_with_the_loop() {
        let define = r#"{"id": "d", "type": "define_variable", "value": {"type": "var", "var": "line.sku"}, "return_as": "sku"}"#;
        let checked = over("deal.lines", define, &format!(", {}", upsert("after", "sku")));
        assert_eq!(reports(&checked), [("E304", "/instructions/1/external_id/var")]);
        let checked = over("deal.lines", "", &format!(", {}", upsert("after", "line.sku")));
        assert_eq!(reports(&checked), [("E301", "/instructions/1/external_id/var")]);
    }

    #[test]
    fn the_name_of_the_item_must_be_free() {
        let checked = spec(
            r#"[{"id": "loop", "type": "for_each", "list": {"type": "var", "var": "deal.lines"}, "item_var": "deal", "body": []}]"#,
            FIELDS,
        );
        assert_eq!(reports(&checked), [("E302", "/instructions/0/item_var")]);
    }

    #[test]
    fn a_skip_in_the_body_ends_the_execution_and_keeps_what_was_written() {
        let body = format!(
            r#"{}, {{"id": "skip", "type": "skip_record", "reason": {{"type": "literal", "value": "one is enough"}}}}"#,
            upsert("u", "line.sku")
        );
        let checked = over("deal.lines", &body, &format!(", {}", upsert("after", "deal.lines.sku")));
        assert_eq!(reports(&checked), [("E206", "/instructions/1/external_id/var")]);
        let outcome = run(&over("deal.lines", &body, ""), r#"{"lines": [{"sku": "a"}, {"sku": "b"}]}"#);
        assert_eq!(outcome.status.name(), "skipped");
        assert_eq!(outcome.effects.len(), 1);
    }
}
