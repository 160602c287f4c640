use salesdash_language::check::InstructionCheck;
use salesdash_language::codes;
use salesdash_language::diagnostics::{Failure, Fault, Severity, nearest};
use salesdash_language::effect::Write;
use salesdash_language::evaluate::{Flow, Run};
use salesdash_language::meta::{Field, FieldKind, Group, InstructionExample, InstructionMeta, Literal, Origin, Returns};
use salesdash_language::types::{Accepts, ObjectType, Personal, Shape, Type};
use salesdash_language::vocabulary::Instruction;
use salesdash_value::{IdentityKind, RecordKind, Text, Value};

/// `lock_record_field`: a field of a record keeps what it has.
pub struct LockRecordField;

/// The places of the fields.
const RECORD: usize = 0;
const FIELD: usize = 1;

static META: InstructionMeta = InstructionMeta {
    name: "lock_record_field",
    group: Group::Utility,
    origin: Origin::Documented,
    summary: "Keeps a field of a record as it is from now on",
    phrase: "Lock {field} of {record}",
    docs: "From now on that field of that record keeps the value it has: later upserts, in this execution and in those to come, leave it \
           alone and report it as *kept*. A field that is locked already stays as it was locked first, whatever this execution has written; \
           one that is not is locked with what this execution has written, else with what is stored. `return_as` gives the locked \
           value.\n\n\
           Typical use: the moment a deal was first seen as won, where the source only tells when it was last updated. The field may be any \
           that the record's kind has, also one that this spec does not set, but not `external_id`, which never changes.",
    fields: &[
        Field::required("record", Accepts::RECORD, "The variable that stands for the record"),
        Field::literal("field", Literal::FieldName, true, "The name of the field that is locked, such as `moment`"),
    ],
    returns: Some(Returns { required: false, summary: "The locked value" }),
    effect: true,
    search_terms: &["freeze", "keep", "first", "once", "immutable", "protect"],
    roles: &[],
    examples: &[
        InstructionExample {
            title: "The moment a deal was first seen as won",
            instructions: r#"[{"id": "won", "type": "upsert_anonymous_activity", "external_id": {"type": "var", "var": "event.id"},
                "activity_type": {"type": "literal", "value": "Deal | won"}, "moment": {"type": "parse_datetime", "value": {"type": "var", "var": "event.updated_at"}}, "return_as": "won"},
                {"id": "lock", "type": "lock_record_field", "record": {"type": "var", "var": "won"}, "field": "moment"}]"#,
            given: r#"{"id": "d1", "updated_at": "2026-03-01T09:30:00Z"}"#,
            status: "succeeded",
            effects: r#"[{"operation": "upsert_anonymous_activity", "instruction": "won", "path": [], "external_id": "d1", "activity_type": "Deal | won", "moment": "2026-03-01T09:30:00Z"},
                {"operation": "lock_record_field", "instruction": "lock", "path": [], "record": "d1", "field": "moment", "value": "2026-03-01T09:30:00Z"}]"#,
        },
        InstructionExample {
            title: "The locked value is used",
            instructions: r#"[{"id": "won", "type": "upsert_anonymous_activity", "external_id": {"type": "var", "var": "event.id"},
                "activity_type": {"type": "literal", "value": "Deal | won"}, "moment": {"type": "execution_time"}, "return_as": "won"},
                {"id": "lock", "type": "lock_record_field", "record": {"type": "var", "var": "won"}, "field": "moment", "return_as": "first_won_at"},
                {"id": "seen", "type": "upsert_anonymous_activity", "external_id": {"type": "literal", "value": "seen"},
                "activity_type": {"type": "literal", "value": "Deal | seen"}, "moment": {"type": "var", "var": "first_won_at"}}]"#,
            given: r#"{"id": "d1"}"#,
            status: "succeeded",
            effects: r#"[{"operation": "upsert_anonymous_activity", "instruction": "won", "path": [], "external_id": "d1", "activity_type": "Deal | won", "moment": "2026-03-01T12:00:00Z"},
                {"operation": "lock_record_field", "instruction": "lock", "path": [], "record": "d1", "field": "moment", "value": "2026-03-01T12:00:00Z"},
                {"operation": "upsert_anonymous_activity", "instruction": "seen", "path": [], "external_id": "seen", "activity_type": "Deal | seen", "moment": "2026-03-01T12:00:00Z"}]"#,
        },
    ],
};

/// The fields of a kind of record that can be locked: those of its upsert, but for what tells it from others.
fn lockable(kind: RecordKind) -> impl Iterator<Item = &'static Field> {
    let upsert = crate::vocabulary().instruction(&format!("upsert_{kind}"));
    let fields = upsert.map_or(&[][..], |upsert| upsert.meta().fields);
    fields.iter().filter(|field| matches!(field.kind, FieldKind::Expression) && field.name != "external_id")
}

/// The type of a field as it is stored, where the spec does not set it.
fn stored_type(accepts: Accepts) -> Type {
    let identity = IdentityKind::ALL.iter().find(|kind| Accepts::identity(**kind) == accepts);
    match identity {
        Some(kind) => Type::new(Shape::Identity(*kind, Personal::NONE)),
        None if accepts == Accepts::NUMBER => Type::NUMBER,
        None if accepts == Accepts::BOOLEAN => Type::BOOLEAN,
        None if accepts == Accepts::DATETIME => Type::DATETIME,
        // Text, or the hash of a text or a number.
        None => Type::STRING,
    }
}

/// The type of what is locked; reported where the record has no such field.
fn check_field(check: &mut InstructionCheck<'_, '_>, kind: RecordKind, object: &ObjectType, name: &str) -> Type {
    let Some(field) = lockable(kind).find(|field| field.name == name) else {
        let near = nearest(name, lockable(kind).map(|field| field.name));
        let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let fixes = near.iter().map(|near| check.replace_fix(format!("Use `{near}`"), "field", Value::text(near))).collect();
        let what = kind.name().replace('_', " ");
        let text = format!("a record of the kind {what} has no field `{name}` that can be locked{hint}");
        check.problem(&codes::NOT_A_FIELD, Severity::Error, "field", text, fixes);
        return Type::INVALID;
    };
    let ty = object.field(name).cloned().unwrap_or_else(|| stored_type(field.accepts).maybe_empty(true));
    // What was locked earlier can have been null then, where the field can be left out.
    let may_be_empty = ty.may_be_empty || !field.required;
    ty.maybe_empty(may_be_empty)
}

impl Instruction for LockRecordField {
    fn meta(&self) -> &'static InstructionMeta {
        &META
    }

    fn check(&self, check: &mut InstructionCheck<'_, '_>) -> Option<Type> {
        let record = check.field("record")?;
        let field = check.literal("field").and_then(Value::as_text).map(Text::new)?;
        match &record.ty.shape {
            Shape::Record(kind, object) => Some(check_field(check, *kind, object, &field)),
            // What kind of record it is shows at run time.
            Shape::Any => Some(Type::ANY),
            _ => None,
        }
    }

    fn run(&self, run: &mut Run<'_, '_>) -> Result<Flow, Failure> {
        let value = run.required(RECORD)?;
        let name = run.literal(FIELD).and_then(Value::as_text).map(Text::new).unwrap_or_default();
        let Value::Record(record) = &value else {
            // The metadata lets nothing else through.
            return Ok(Flow::Continue);
        };
        if !lockable(record.kind).any(|field| field.name == name) {
            let text = format!("a record of the kind {} has no field `{name}` that can be locked", record.kind.name().replace('_', " "));
            return Err(Fault::new(&codes::NOT_A_FIELD, text).into());
        }
        let stored = run.stored(record.kind, record.id, &name).value;
        let locked = stored.unwrap_or_else(|| value.field(&name).unwrap_or_default());
        run.give(locked.clone());
        run.emit(
            Write::LockField(record.kind),
            Some(record.id),
            vec![("record", value.clone()), ("field", Value::Text(name)), ("value", locked)],
        )?;
        Ok(Flow::Continue)
    }
}

#[cfg(test)]
mod tests {
    use salesdash_language::check::Checked;
    use salesdash_language::effect::{Outcome, StateReader, StoredField};
    use salesdash_language::evaluate::Context;
    use salesdash_value::{Id, Instant};

    use super::*;
    use crate::testing::{evaluated, reports, spec, with_context};

    /// What every record of the tests has in the field `moment`.
    struct Stored(StoredField);

    impl StateReader for Stored {
        fn field(&self, _kind: RecordKind, _record: Id, field: &str) -> StoredField {
            if field == "moment" { self.0.clone() } else { StoredField::default() }
        }
    }

    const FIELDS: &str = r#"{"id": "string", "at": "datetime", "amount": {"type": "number", "may_be_empty": true}}"#;
    const UPSERT: &str = r#"{"id": "won", "type": "upsert_anonymous_activity", "external_id": {"type": "var", "var": "deal.id"},
        "activity_type": {"type": "literal", "value": "Won"}, "moment": {"type": "var", "var": "deal.at"},
        "value": {"type": "var", "var": "deal.amount"}, "return_as": "won"}"#;

    fn locking(field: &str, after: &str) -> Checked {
        let lock = format!(
            r#"{{"id": "lock", "type": "lock_record_field", "record": {{"type": "var", "var": "won"}}, "field": "{field}", "return_as": "locked"}}"#
        );
        spec(&format!("[{UPSERT}, {lock}{after}]"), FIELDS)
    }

    fn instant(text: &str) -> Value {
        text.parse::<Instant>().expect("an instant").into()
    }

    fn run(checked: &Checked, state: StoredField) -> Outcome {
        let record = Value::object([("id", "d1".into()), ("at", instant("2026-03-02T00:00:00Z")), ("amount", Value::Null)]);
        with_context(|context| evaluated(checked, &record, &Context { state: &Stored(state), ..*context }))
    }

    #[test]
    fn what_was_locked_first_stays() {
        let checked = locking("moment", "");
        assert_eq!(reports(&checked), []);
        let locked = |state: StoredField| run(&checked, state).effects[1].field("value").cloned();
        let earlier = Some(instant("2026-03-01T00:00:00Z"));
        let now = Some(instant("2026-03-02T00:00:00Z"));
        assert_eq!(locked(StoredField::default()), now);
        assert_eq!(locked(StoredField { value: earlier.clone(), locked: false }), now);
        assert_eq!(locked(StoredField { value: earlier.clone(), locked: true }), earlier);
    }

    #[test]
    fn the_effect_names_the_record_the_field_and_the_value() {
        let outcome = run(&locking("moment", ""), StoredField::default());
        let effect = &outcome.effects[1];
        assert_eq!(effect.write, Write::LockField(RecordKind::AnonymousActivity));
        assert_eq!(effect.id, outcome.effects[0].id);
        assert_eq!(effect.fields.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["record", "field", "value"]);
        assert_eq!(outcome.reads.len(), 1);
    }

    #[test]
    fn the_locked_value_has_the_type_of_the_field() {
        let after = |moment: &str| {
            format!(
                r#", {{"id": "next", "type": "upsert_anonymous_activity", "external_id": {{"type": "literal", "value": "x"}},
                "activity_type": {{"type": "literal", "value": "Won"}}, "moment": {{"type": "var", "var": "{moment}"}}}}"#
            )
        };
        assert_eq!(reports(&locking("moment", &after("locked"))), []);
        assert_eq!(reports(&locking("value", &after("locked"))), [("E201", "/instructions/2/moment")]);
        // A field that this spec does not set, and one that can be left out, may have been locked as null.
        let count = r#", {"id": "next", "type": "skip_record", "reason": {"type": "if", "condition": {"type": "greater_than",
            "left": {"type": "var", "var": "locked"}, "right": {"type": "literal", "value": 1}}, "then": {"type": "literal", "value": "a"}, "else": {"type": "literal", "value": "b"}}}"#;
        assert_eq!(reports(&locking("value", count)), [("E202", "/instructions/2/reason/condition/left")]);
        let proposition = locking("proposition_external_identity", &after("locked"));
        assert_eq!(reports(&proposition), [("E201", "/instructions/2/moment")]);
    }

    #[test]
    fn a_field_that_the_record_does_not_have_is_pointed_out() {
        let checked = locking("momnet", "");
        assert_eq!(reports(&checked), [("E515", "/instructions/1/field")]);
        assert_eq!(checked.diagnostics[0].fixes[0].title, "Use `moment`");
        assert_eq!(reports(&locking("external_id", "")), [("E515", "/instructions/1/field")]);
        assert_eq!(reports(&locking("contract_value", "")), [("E515", "/instructions/1/field")]);
    }
}
