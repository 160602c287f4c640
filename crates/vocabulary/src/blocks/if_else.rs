use salesdash_language::check::{Bindings, InstructionCheck};
use salesdash_language::diagnostics::Failure;
use salesdash_language::evaluate::{Flow, Run};
use salesdash_language::meta::{Field, Group, InstructionExample, InstructionMeta, Origin, Role};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Instruction;
use salesdash_value::Value;

/// `if_else`: one of two lists of instructions.
pub struct IfElse;

/// The places of the fields.
const CONDITION: usize = 0;
const THEN: usize = 1;
const ELSE: usize = 2;

static META: InstructionMeta = InstructionMeta {
    name: "if_else",
    group: Group::Flow,
    origin: Origin::Documented,
    summary: "Runs one list of instructions or another, as a condition says",
    phrase: "If {condition}",
    docs: "Runs `then` where the condition is true, and `else` (if it is there) where it is false. A condition that is null, or anything \
           but a boolean, is an error: there is no truthiness.\n\n\
           What the condition tells is known in the branches: in `then` of `not(is_empty(deal.email))`, `deal.email` has a value. A \
           variable that is set in both branches, with types that fit, is in scope after the block; one that is set in only one of them is \
           not. Where one branch ends in `skip_record`, only the other leads on: what it sets and what the condition tells there \
           holds for everything after the block.",
    fields: &[
        Field::required("condition", Accepts::BOOLEAN, "What decides").takes_personal(),
        Field::instructions("then", true, "What runs where it is true"),
        Field::instructions("else", false, "What runs where it is false"),
    ],
    returns: None,
    effect: false,
    search_terms: &["condition", "branch", "when", "otherwise", "case", "switch"],
    roles: &[Role::Guards],
    examples: &[
        InstructionExample {
            title: "The condition is true",
            instructions: r#"[{"id": "if-won", "type": "if_else",
                "condition": {"type": "equals", "left": {"type": "var", "var": "event.status"}, "right": {"type": "literal", "value": "won"}},
                "then": [{"id": "agent", "type": "upsert_agent_external_identity", "external_id": {"type": "var", "var": "event.owner"}}],
                "else": [{"id": "skip", "type": "skip_record", "reason": {"type": "literal", "value": "not won"}}]}]"#,
            given: r#"{"status": "won", "owner": "u1"}"#,
            status: "succeeded",
            effects: r#"[{"operation": "upsert_agent_external_identity", "instruction": "agent", "path": [], "external_id": "u1", "external_name": "u1"}]"#,
        },
        InstructionExample {
            title: "The condition is false, and there is no else",
            instructions: r#"[{"id": "if-owner", "type": "if_else",
                "condition": {"type": "not", "argument": {"type": "is_empty", "value": {"type": "var", "var": "event.owner"}}},
                "then": [{"id": "agent", "type": "upsert_agent_external_identity", "external_id": {"type": "var", "var": "event.owner"}}]}]"#,
            given: r#"{"owner": ""}"#,
            status: "succeeded",
            effects: "[]",
        },
        InstructionExample {
            title: "A variable that is set in both branches",
            instructions: r#"[{"id": "if-owner", "type": "if_else",
                "condition": {"type": "is_empty", "value": {"type": "var", "var": "event.owner"}},
                "then": [{"id": "none", "type": "define_variable", "value": {"type": "literal", "value": "nobody"}, "return_as": "owner"}],
                "else": [{"id": "some", "type": "define_variable", "value": {"type": "var", "var": "event.owner"}, "return_as": "owner"}]},
                {"id": "agent", "type": "upsert_agent_external_identity", "external_id": {"type": "var", "var": "owner"}}]"#,
            given: r#"{"owner": null}"#,
            status: "succeeded",
            effects: r#"[{"operation": "upsert_agent_external_identity", "instruction": "agent", "path": [], "external_id": "nobody", "external_name": "nobody"}]"#,
        },
        InstructionExample {
            title: "The condition is null",
            instructions: r#"[{"id": "if-won", "type": "if_else", "condition": {"type": "var", "var": "event.won"}, "then": []}]"#,
            given: r#"{"won": null}"#,
            status: "failed",
            effects: "[]",
        },
    ],
};

impl Instruction for IfElse {
    fn meta(&self) -> &'static InstructionMeta {
        &META
    }

    fn check(&self, check: &mut InstructionCheck<'_, '_>) -> Option<Type> {
        let (when_true, when_false) =
            check.field("condition").map(|condition| (condition.when_true, condition.when_false)).unwrap_or_default();
        let then = check.list("then", &when_true, &Bindings::default());
        let or_else = check.list("else", &when_false, &then);
        if then.ends() {
            check.assume(&when_false);
        }
        if or_else.ends() {
            check.assume(&when_true);
        }
        check.merge(then, or_else);
        None
    }

    fn run(&self, run: &mut Run<'_, '_>) -> Result<Flow, Failure> {
        match run.required(CONDITION)? {
            Value::Boolean(true) => run.branch(THEN),
            _ => run.branch(ELSE),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{reports, run, spec};

    const FIELDS: &str = r#"{"owner": {"type": "string", "may_be_empty": true}, "won": "boolean"}"#;
    const EMPTY: &str = r#"{"type": "is_empty", "value": {"type": "var", "var": "deal.owner"}}"#;
    const SKIP: &str = r#"{"id": "skip", "type": "skip_record", "reason": {"type": "literal", "value": "no owner"}}"#;

    fn upsert(id: &str, var: &str) -> String {
        format!(r#"{{"id": "{id}", "type": "upsert_agent_external_identity", "external_id": {{"type": "var", "var": "{var}"}}}}"#)
    }

    fn define(id: &str, value: &str, name: &str) -> String {
        format!(r#"{{"id": "{id}", "type": "define_variable", "value": {{"type": "literal", "value": {value}}}, "return_as": "{name}"}}"#)
    }

    #[test]
    fn a_branch_is_checked_under_what_the_condition_tells() {
        let block = |then: &str, or_else: &str| {
            spec(&format!(r#"[{{"id": "if", "type": "if_else", "condition": {EMPTY}, "then": [{then}], "else": [{or_else}]}}]"#), FIELDS)
        };
        assert_eq!(reports(&block("", &upsert("u", "deal.owner"))), []);
        assert_eq!(reports(&block(&upsert("u", "deal.owner"), "")), [("E202", "/instructions/0/then/0/external_id")]);
    }

    #[test]
    fn what_the_condition_tells_ends_with_the_block() {
        let block = format!(
            r#"[{{"id": "if", "type": "if_else", "condition": {EMPTY}, "then": [], "else": [{}]}}, {}]"#,
            upsert("a", "deal.owner"),
            upsert("b", "deal.owner")
        );
        assert_eq!(reports(&spec(&block, FIELDS)), [("E202", "/instructions/1/external_id")]);
    }

    #[test]
    fn after_a_branch_that_skips_the_opposite_is_known() {
        let block = |condition: &str, then: &str, or_else: &str| {
            let block = format!(
                r#"[{{"id": "if", "type": "if_else", "condition": {condition}, "then": [{then}], "else": [{or_else}]}}, {}]"#,
                upsert("after", "deal.owner")
            );
            spec(&block, FIELDS)
        };
        assert_eq!(reports(&block(EMPTY, SKIP, "")), []);
        let filled = format!(r#"{{"type": "not", "argument": {EMPTY}}}"#);
        assert_eq!(reports(&block(&filled, "", SKIP)), []);
        assert_eq!(reports(&block(&filled, SKIP, "")), [("E202", "/instructions/1/external_id")]);
        let disabled = SKIP.replace(r#""id": "skip""#, r#""id": "skip", "disabled": true"#);
        assert_eq!(reports(&block(EMPTY, &disabled, "")), [("E202", "/instructions/1/external_id")]);
        // A skip that may not be reached tells nothing.
        let deep = format!(r#"{{"id": "deep", "type": "if_else", "condition": {{"type": "var", "var": "deal.won"}}, "then": [{SKIP}]}}"#);
        assert_eq!(reports(&block(EMPTY, &deep, "")), [("E202", "/instructions/1/external_id")]);
    }

    #[test]
    fn a_skip_in_both_branches_of_an_inner_block_ends_the_outer_branch() {
        let inner = format!(
            r#"{{"id": "inner", "type": "if_else", "condition": {{"type": "var", "var": "deal.won"}}, "then": [{SKIP}], "else": [{}]}}"#,
            SKIP.replace("skip\"", "skip-2\"").replace("skip-2_record", "skip_record").replace(r#""type": "skip-2""#, r#""type": "skip""#)
        );
        let block =
            format!(r#"[{{"id": "if", "type": "if_else", "condition": {EMPTY}, "then": [{inner}]}}, {}]"#, upsert("after", "deal.owner"));
        assert_eq!(reports(&spec(&block, FIELDS)), []);
    }

    #[test]
    fn a_variable_set_in_both_branches_is_in_scope_after_it() {
        let block = |then: &str, or_else: &str| {
            let block = format!(
                r#"[{{"id": "if", "type": "if_else", "condition": {{"type": "var", "var": "deal.won"}}, "then": [{then}], "else": [{or_else}]}}, {}]"#,
                upsert("after", "name")
            );
            spec(&block, FIELDS)
        };
        let both = block(&define("a", r#""x""#, "name"), &define("b", r#""y""#, "name"));
        assert_eq!(reports(&both), []);
        let external_id = |record: &str| run(&both, record).effects[0].field("external_id").cloned();
        assert_eq!(external_id(r#"{"won": true}"#), Some("x".into()));
        assert_eq!(external_id(r#"{"won": false}"#), Some("y".into()));
        assert_eq!(reports(&block(&define("a", r#""x""#, "name"), "")), [("E303", "/instructions/1/external_id/var")]);
        let different = block(&define("a", r#""x""#, "name"), &define("b", "[]", "name"));
        assert_eq!(reports(&different), [("E303", "/instructions/1/external_id/var")]);
    }

    #[test]
    fn a_variable_set_in_the_branch_that_leads_on_is_in_scope_after_it() {
        let block = format!(
            r#"[{{"id": "if", "type": "if_else", "condition": {EMPTY}, "then": [{SKIP}], "else": [{}]}}, {}]"#,
            define("a", r#""x""#, "name"),
            upsert("after", "name")
        );
        assert_eq!(reports(&spec(&block, FIELDS)), []);
    }

    #[test]
    fn a_disabled_block_sets_nothing() {
        let block = format!(
            r#"[{{"id": "if", "type": "if_else", "disabled": true, "condition": {EMPTY}, "then": [{}], "else": [{}]}}, {}]"#,
            define("a", r#""x""#, "name"),
            define("b", r#""y""#, "name"),
            upsert("after", "name")
        );
        assert_eq!(reports(&spec(&block, FIELDS)), [("E306", "/instructions/1/external_id/var")]);
    }
}
