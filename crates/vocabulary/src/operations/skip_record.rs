use salesdash_language::check::InstructionCheck;
use salesdash_language::diagnostics::Failure;
use salesdash_language::evaluate::{Flow, Run};
use salesdash_language::meta::{Field, Group, InstructionExample, InstructionMeta, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Instruction;

/// `skip_record`: the end of the execution, on purpose.
pub struct SkipRecord;

/// The most characters of a reason that are kept.
const MAX_REASON: usize = 500;

static META: InstructionMeta = InstructionMeta {
    name: "skip_record",
    group: Group::Utility,
    origin: Origin::Ours,
    summary: "Ends the execution as skipped, and says why",
    phrase: "Skip the record: {reason}",
    docs: "Nothing after it runs, also not what comes after an enclosing block or loop. What was written before it stays. The execution \
           ends as *skipped*, which is not an error, and the reason is kept with it: 500 characters of it at most. So one can tell a \
           record that was left out on purpose from one that was forgotten. The reason takes no personal data. After an `if_else` of \
           which one branch skips, the checker knows that the condition went the other way.",
    fields: &[Field::required("reason", Accepts::STRING, "Why, in a few words")],
    returns: None,
    effect: false,
    search_terms: &["stop", "ignore", "exit", "return", "filter out", "end"],
    roles: &[],
    examples: &[
        InstructionExample {
            title: "A record that does not count",
            instructions: r#"[{"id": "if-test", "type": "if_else",
                "condition": {"type": "equals", "left": {"type": "var", "var": "event.test"}, "right": {"type": "literal", "value": true}},
                "then": [{"id": "skip", "type": "skip_record", "reason": {"type": "literal", "value": "a test record"}}]},
                {"id": "agent", "type": "upsert_agent_external_identity", "external_id": {"type": "var", "var": "event.owner"}}]"#,
            given: r#"{"test": true, "owner": "u1"}"#,
            status: "skipped",
            effects: "[]",
        },
        InstructionExample {
            title: "What was written before it stays",
            instructions: r#"[{"id": "agent", "type": "upsert_agent_external_identity", "external_id": {"type": "var", "var": "event.owner"}},
                {"id": "skip", "type": "skip_record", "reason": {"type": "literal", "value": "only the owner counts"}},
                {"id": "team", "type": "upsert_team_external_identity", "external_id": {"type": "var", "var": "event.team"}}]"#,
            given: r#"{"owner": "u1", "team": "t1"}"#,
            status: "skipped",
            effects: r#"[{"operation": "upsert_agent_external_identity", "instruction": "agent", "path": [], "external_id": "u1", "external_name": "u1"}]"#,
        },
    ],
};

impl Instruction for SkipRecord {
    fn meta(&self) -> &'static InstructionMeta {
        &META
    }

    fn check(&self, check: &mut InstructionCheck<'_, '_>) -> Option<Type> {
        check.end();
        None
    }

    fn run(&self, run: &mut Run<'_, '_>) -> Result<Flow, Failure> {
        let reason = run.required(0)?;
        let reason: String = reason.as_text().unwrap_or_default().chars().take(MAX_REASON).collect();
        run.note(format!("skipped: {reason}"));
        Ok(Flow::Skip)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{reports, run, spec};

    #[test]
    fn the_reason_is_kept_up_to_a_length() {
        let checked =
            spec(r#"[{"id": "skip", "type": "skip_record", "reason": {"type": "var", "var": "deal.why"}}]"#, r#"{"why": "string"}"#);
        let outcome = run(&checked, &format!(r#"{{"why": "{}"}}"#, "é".repeat(MAX_REASON + 1)));
        assert_eq!(outcome.status.name(), "skipped");
        assert_eq!(outcome.messages.len(), 1);
        assert_eq!(outcome.messages[0].text, format!("skipped: {}", "é".repeat(MAX_REASON)));
        assert!(outcome.messages[0].code.is_none());
        assert_eq!(run(&checked, "{}").status.name(), "failed");
    }

    #[test]
    fn the_reason_takes_no_personal_data() {
        let why = r#"{"why": {"type": "string", "personal": "free_text"}}"#;
        let checked = spec(r#"[{"id": "skip", "type": "skip_record", "reason": {"type": "var", "var": "deal.why"}}]"#, why);
        assert_eq!(reports(&checked), [("E401", "/instructions/0/reason")]);
    }
}
