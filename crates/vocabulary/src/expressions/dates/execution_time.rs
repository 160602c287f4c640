use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

/// `execution_time`: the time of the execution.
pub struct ExecutionTime;

static META: ExpressionMeta = ExpressionMeta {
    name: "execution_time",
    group: Group::Dates,
    origin: Origin::Ours,
    summary: "The time of the execution",
    phrase: "time of execution",
    docs: "Gives the clock of the execution: one instant that is set when it begins and stands still until it ends, and that a \
           replay of the execution gets again. It is the same wherever it is used. For when something happened in the external \
           system, use a field of the record.",
    arguments: &[],
    returns: "The instant",
    gives: Accepts::DATETIME,
    search_terms: &["now", "today", "current time", "clock", "timestamp"],
    roles: &[],
    examples: &[
        Example { title: "Now", node: r#"{"type": "execution_time"}"#, given: "", gives: Gives::Value(r#""2026-03-01T12:00:00Z""#) },
        Example {
            title: "How long ago",
            node: r#"{"type": "datetime_difference", "from": {"type": "parse_datetime", "value": {"type": "var", "var": "created"}},
                      "to": {"type": "execution_time"}, "unit": "days"}"#,
            given: r#"{"created": "2026-02-27T12:00:00Z"}"#,
            gives: Gives::Value("2"),
        },
        Example {
            title: "It takes no arguments",
            node: r#"{"type": "execution_time", "timezone": "UTC"}"#,
            given: "",
            gives: Gives::Refused("E104"),
        },
    ],
};

impl Expression for ExecutionTime {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, _check: &mut ExpressionCheck<'_, '_>) -> Typed {
        Type::DATETIME.into()
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        Ok(Value::Datetime(call.context().at))
    }
}
