//! Directing a played vendor over HTTP, for tests that run in another program.

use salesdash_value::{Value, json};

use crate::server::{Asked, Reply};
use crate::vendor::Played;

/// The most replies that go wrong at one order.
const MAX_TIMES: usize = 1_000;

/// Does what is asked for below `/control/`; every order is a POST with a JSON body, but for `asked`, which tells what was asked.
///
/// | path | body | what it does |
/// |---|---|---|
/// | `table` | `{name, records}` | sets a table |
/// | `fault` | `{path, reply, times}` | has the next requests go wrong: `reply` is `{status, headers, body}`, `"half"`, `"close"` or `"silence"` |
/// | `mend` | | ends what goes wrong |
/// | `hold`, `release` | `{path}` | has requests wait, lets them go on |
/// | `accept` | `{tokens}` | accepts these access tokens only |
/// | `revoke` | | takes back all tokens |
/// | `wait` | `{path, count}` | answers once a path was asked so often |
/// | `asked` | | what was asked so far |
pub(crate) fn direct(played: &Played, what: &str, asked: &Asked) -> Reply {
    let body = json::parse(asked.body.as_bytes(), json::Limits::DEFAULT).unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_text).unwrap_or_default().to_owned();
    let list = |name: &str| body.get(name).and_then(Value::as_list).unwrap_or_default().to_vec();
    let count = |name: &str| body.get(name).map(json::to_string).and_then(|text| text.parse::<usize>().ok());
    match what {
        "table" => played.table(&text("name"), list("records")),
        "fault" => match body.get("reply").and_then(reply) {
            Some(reply) => played.fault(&text("path"), vec![reply; count("times").unwrap_or(1).min(MAX_TIMES)]),
            None => return refused("there is no such reply"),
        },
        "mend" => played.mend(),
        "hold" => played.hold(&text("path")),
        "release" => played.release(),
        "accept" => played.accept(list("tokens").iter().filter_map(Value::as_text).map(ToOwned::to_owned)),
        "revoke" => played.revoke(),
        "wait" => played.wait_for(&text("path"), count("count").unwrap_or(1)),
        "asked" => return Reply::json(200, json::to_string(&Value::list(played.asked().iter().map(told)))),
        _ => return refused("there is no such order"),
    }
    Reply::json(200, "{}")
}

fn refused(why: &str) -> Reply {
    Reply::json(400, format!(r#"{{"error":"{why}"}}"#))
}

fn reply(value: &Value) -> Option<Reply> {
    match value.as_text() {
        Some("half") => return Some(Reply::Half(r#"{"data":[{"id":"d-"#.to_owned())),
        Some("close") => return Some(Reply::Close),
        Some("silence") => return Some(Reply::Silence),
        Some(_) => return None,
        None => {}
    }
    let status = value.get("status").map(json::to_string)?.parse().ok()?;
    let mut reply = Reply::json(status, value.get("body").map(json::to_string).unwrap_or_default());
    for (name, value) in value.get("headers").and_then(Value::as_object).unwrap_or_default() {
        reply = reply.with(name, value.as_text().unwrap_or_default());
    }
    Some(reply)
}

fn told(asked: &Asked) -> Value {
    let headers = asked.headers.iter().map(|(name, value)| (name.as_str(), Value::from(value.as_str())));
    Value::object([
        ("method", Value::from(asked.method.as_str())),
        ("path", Value::from(asked.path.as_str())),
        ("query", Value::from(asked.query.as_str())),
        ("headers", Value::object(headers)),
        ("body", Value::from(asked.body.as_str())),
    ])
}
