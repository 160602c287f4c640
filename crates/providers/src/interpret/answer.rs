//! What an answer means.

use std::time::Duration;

use jiff::tz::TimeZone;
use salesdash_value::{Instant, Text, Value, datetime, number};

use super::variables::headers;
use crate::definition::http::{ErrorRule, Http, Meaning, ResetFormat, Wait};

/// An answer of a vendor.
#[derive(Clone, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Names and values of headers, as they came.
    pub headers: Vec<(String, String)>,
    /// The body; null where it is empty or not JSON.
    pub body: Value,
    /// Whether the body is JSON, or there is none.
    pub is_json: bool,
}

impl std::fmt::Debug for Answer {
    /// The status alone: everything else can hold secrets or personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "status {}", self.status)
    }
}

impl Answer {
    /// The first value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// The variables of [`crate::definition::value::OfAnswer`].
    #[must_use]
    pub fn variables(&self, page: &Value, count: usize) -> [Value; 5] {
        [
            self.body.clone(),
            Value::from(i64::from(self.status)),
            headers(self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))),
            page.clone(),
            Value::from(i64::try_from(count).unwrap_or(i64::MAX)),
        ]
    }
}

/// What an answer means for the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It is what was asked for.
    Success,
    /// Nothing is there, which is fine.
    Nothing,
    /// It may pass: to be tried again.
    Retry(Trouble),
    /// Asked too often: to be tried again, not before the given time where the vendor named one.
    RateLimited(Trouble),
    /// The token is no longer accepted: to be renewed once.
    RefreshAuth(Trouble),
    /// The credentials are no longer accepted.
    NeedsReconnecting(Trouble),
    /// The kept position of the paging is no longer accepted.
    RestartPaging(Trouble),
    /// It will not pass by itself.
    Fail(Trouble),
}

/// What is known of the trouble.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trouble {
    /// What to say about it: a sentence. It can hold what the vendor said; secrets are still to be taken out of it.
    pub text: String,
    /// How long to wait before the next try, where the vendor says.
    pub wait: Option<Duration>,
}

/// The longest wait that a vendor can ask for.
pub const MAX_WAIT: Duration = Duration::from_secs(24 * 3600);

/// The longest text of a vendor that is looked at. Whoever tells it takes the secrets out of it first, and cuts it short after that: a text
/// that is cut in the middle of a secret would still hold half of it.
const MAX_MESSAGE: usize = 4_000;

/// What an answer means, by the rules of a definition and the default table.
#[must_use]
pub fn judge(http: &Http, rules: &[ErrorRule], answer: &Answer, page: &Value, at: Instant) -> Judgement {
    let variables = answer.variables(page, 0);
    let fits = |rule: &&ErrorRule| {
        let status = rule.status.is_empty() || rule.status.iter().any(|status| status.0 == u32::from(answer.status));
        status && rule.when.as_ref().is_none_or(|when| when.holds(&variables, at))
    };
    if let Some(rule) = rules.iter().find(fits) {
        let told = rule.message.as_ref().and_then(|paths| paths.find(&answer.body)).and_then(crate::request::text_of);
        let mut text = said(answer.status, told.as_ref());
        if let Some(advice) = &rule.advice {
            text.push(' ');
            text.push_str(advice);
        }
        // Where both say how long, the longer one is the safe one.
        let declared = rule.wait.as_ref().and_then(|wait| waiting(wait, &variables, at));
        let wait = declared.into_iter().chain(retry_after(answer, at)).max();
        let trouble = Trouble { text, wait };
        return match rule.means {
            Meaning::Retry => Judgement::Retry(trouble),
            Meaning::RateLimited => Judgement::RateLimited(trouble),
            Meaning::RefreshAuth => Judgement::RefreshAuth(trouble),
            Meaning::NeedsReconnecting => Judgement::NeedsReconnecting(trouble),
            Meaning::Ignore => Judgement::Nothing,
            Meaning::RestartPaging => Judgement::RestartPaging(trouble),
            Meaning::Fail => Judgement::Fail(trouble),
        };
    }
    let success = match &http.success[..] {
        [] => (200..300).contains(&answer.status),
        listed => listed.iter().any(|status| status.0 == u32::from(answer.status)),
    };
    if success {
        return match answer.is_json {
            true => Judgement::Success,
            false => Judgement::Retry(Trouble { text: "The vendor answered with something that is not JSON.".to_owned(), wait: None }),
        };
    }
    let trouble = Trouble { text: said(answer.status, None), wait: retry_after(answer, at) };
    match answer.status {
        401 => Judgement::RefreshAuth(trouble),
        429 => Judgement::RateLimited(trouble),
        408 | 423 | 425 | 500.. => Judgement::Retry(trouble),
        _ => Judgement::Fail(trouble),
    }
}

fn said(status: u16, told: Option<&Text>) -> String {
    let meaning = match status {
        400 | 422 => " (it does not accept the request)",
        401 => " (it does not accept the credentials)",
        403 => " (the credentials do not have the right)",
        404 => " (there is no such thing)",
        429 => " (it was asked too often)",
        500.. => " (it has a problem of its own)",
        _ => "",
    };
    match told.filter(|told| !told.is_empty()) {
        Some(told) => {
            let told: String = told.chars().filter(|c| !c.is_control()).take(MAX_MESSAGE).collect();
            format!("The vendor answered with status {status}{meaning}: {told}.")
        }
        None => format!("The vendor answered with status {status}{meaning}."),
    }
}

fn waiting(wait: &Wait, variables: &[Value], at: Instant) -> Option<Duration> {
    let value = wait.from.evaluate(variables, at).ok()?;
    until(&value, wait.format.unwrap_or(ResetFormat::DeltaSeconds), &TimeZone::UTC, at)
}

/// What the header `Retry-After` says: seconds, or a date.
#[must_use]
pub fn retry_after(answer: &Answer, at: Instant) -> Option<Duration> {
    let value = Value::text(answer.header("retry-after")?);
    until(&value, ResetFormat::DeltaSeconds, &TimeZone::UTC, at).or_else(|| until(&value, ResetFormat::HttpDate, &TimeZone::UTC, at))
}

/// How long it is until the time that a value says. Never longer than [`MAX_WAIT`].
#[must_use]
pub fn until(value: &Value, format: ResetFormat, zone: &TimeZone, at: Instant) -> Option<Duration> {
    let number = || match value {
        Value::Number(count) => Some(*count),
        Value::Text(text) => number::parse(text.trim()),
        _ => None,
    };
    let milliseconds = |factor: i64| {
        let count = number()?.checked_mul(factor.into())?.ceil();
        i64::try_from(count).ok()
    };
    let text = || value.as_text().map(str::trim);
    let wait = match format {
        ResetFormat::DeltaSeconds => milliseconds(1000)?,
        ResetFormat::DeltaMilliseconds => milliseconds(1)?,
        ResetFormat::EpochSeconds => milliseconds(1000)?.checked_sub(at.as_millisecond())?,
        ResetFormat::EpochMilliseconds => milliseconds(1)?.checked_sub(at.as_millisecond())?,
        ResetFormat::Iso => datetime::parse_iso(text()?, zone)?.as_millisecond().checked_sub(at.as_millisecond())?,
        ResetFormat::HttpDate => datetime::parse(text()?, zone)?.as_millisecond().checked_sub(at.as_millisecond())?,
    };
    Some(Duration::from_millis(u64::try_from(wait).unwrap_or(0)).min(MAX_WAIT))
}
