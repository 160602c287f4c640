//! The fixes that the checker offers with the words of the language: each is applied, and what it mends must be gone.

use salesdash_language::check::Checked;
use salesdash_language::diagnostics::{Fix, Severity};
use salesdash_value::Value;

use crate::testing::{document, spec_of};

const FIELDS: &str = r#"{"id": "string", "count": "number", "code": "string", "email": {"type": "string", "personal": "email"},
    "owner": {"type": "string", "may_be_empty": true}, "tags": {"type": "array", "items": "string", "may_be_empty": true},
    "lines": {"type": "array", "items": {"type": "object", "fields": {"sku": "string", "name": {"type": "string", "may_be_empty": true}}}}}"#;

fn apply(document: &Value, fix: &Fix) -> Value {
    fix.patch.iter().fold(document.clone(), |document, patch| {
        patch.apply(&document).unwrap_or_else(|| panic!("`{}` has nowhere to go: {patch:?}", fix.title))
    })
}

fn found(checked: &Checked, code: &str) -> usize {
    checked.diagnostics.iter().filter(|diagnostic| diagnostic.code.code == code).count()
}

/// Checks instructions that have one problem, with fixes of these titles. Each must mend it, and bring no error with it.
#[track_caller]
fn check(instructions: &str, code: &str, titles: &[&str]) {
    let document = document(instructions);
    let checked = spec_of(&document, FIELDS);
    let problems: Vec<_> = checked.diagnostics.iter().filter(|diagnostic| diagnostic.code.code == code).collect();
    assert_eq!(problems.len(), 1, "{:?}", checked.diagnostics);
    let offered: Vec<&str> = problems[0].fixes.iter().map(|fix| fix.title.as_str()).collect();
    assert_eq!(offered, titles);
    for fix in &problems[0].fixes {
        let mended = spec_of(&apply(&document, fix), FIELDS);
        assert_eq!(found(&mended, code), 0, "`{}` mends nothing: {:?}", fix.title, mended.diagnostics);
        let errors: Vec<_> = mended.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "`{}` breaks something: {errors:?}", fix.title);
    }
}

fn upsert(external_id: &str) -> String {
    format!(r#"[{{"id": "a", "type": "upsert_agent_external_identity", "external_id": {external_id}}}]"#)
}

fn skip_if(condition: &str) -> String {
    format!(
        r#"[{{"id": "if", "type": "if_else", "condition": {condition},
            "then": [{{"id": "skip", "type": "skip_record", "reason": {{"type": "literal", "value": "no"}}}}]}}]"#
    )
}

#[test]
fn a_value_that_may_be_empty_is_guarded_or_replaced() {
    check(
        &upsert(r#"{"type": "var", "var": "deal.owner"}"#),
        "E202",
        &["Only where `deal.owner` is not empty", "Use \"\" where it is empty"],
    );
    check(
        r#"[{"id": "loop", "type": "for_each", "list": {"type": "var", "var": "deal.tags"}, "item_var": "tag", "body": []}]"#,
        "E202",
        &["Only where `deal.tags` is not empty", "Use [] where it is empty"],
    );
    check(
        r#"[{"id": "loop", "type": "for_each", "list": {"type": "var", "var": "deal.lines"}, "item_var": "line", "body": [
            {"id": "a", "type": "upsert_proposition_external_identity", "external_id": {"type": "var", "var": "line.name"}}]}]"#,
        "E202",
        &["Only where `line.name` is not empty", "Use \"\" where it is empty"],
    );
}

#[test]
fn an_instruction_that_sets_a_variable_is_not_guarded() {
    check(
        r#"[{"id": "a", "type": "upsert_agent_external_identity", "external_id": {"type": "var", "var": "deal.owner"}, "return_as": "agent"}]"#,
        "E202",
        &["Use \"\" where it is empty"],
    );
}

#[test]
fn personal_data_is_protected() {
    check(&upsert(r#"{"type": "var", "var": "deal.email"}"#), "E401", &["Put it in `pseudonymize`"]);
}

#[test]
fn a_comparison_of_different_types_is_mended() {
    check(
        &skip_if(r#"{"type": "equals", "left": {"type": "var", "var": "deal.count"}, "right": {"type": "literal", "value": "5"}}"#),
        "E205",
        &["Compare with a number instead"],
    );
    check(
        &skip_if(r#"{"type": "not_equals", "left": {"type": "literal", "value": 5}, "right": {"type": "var", "var": "deal.code"}}"#),
        "E205",
        &["Compare with a string instead"],
    );
}

#[test]
fn a_mistyped_field_is_mended() {
    check(&upsert(r#"{"type": "var", "var": "deal.onwer"}"#), "E203", &["Use `deal.owner`"]);
    check(
        &upsert(r#"{"type": "get", "value": {"type": "first", "list": {"type": "var", "var": "deal.lines"}}, "path": "skuu"}"#),
        "E203",
        &["Use `sku`"],
    );
    check(
        &skip_if(
            r#"{"type": "is_null", "value": {"type": "find", "list": {"type": "var", "var": "deal.lines"}, "field": "naem", "equals": {"type": "var", "var": "deal.id"}}}"#,
        ),
        "E203",
        &["Use `name`"],
    );
}

#[test]
fn a_mistyped_word_is_mended() {
    check(
        &skip_if(
            r#"{"type": "equals_one_of", "value": {"type": "var", "var": "deal.id"}, "options": [{"type": "literal", "value": "a"}]}"#,
        ),
        "E105",
        &["Use `equals_one_off`"],
    );
    check(
        &upsert(
            r#"{"type": "lookup", "mapping": {"type": "literal", "value": {"a": "b"}}, "key": {"type": "var", "var": "deal.id"}, "defualt": {"type": "literal", "value": "c"}}"#,
        ),
        "E104",
        &["Rename to `default`", "Remove `defualt`"],
    );
}
