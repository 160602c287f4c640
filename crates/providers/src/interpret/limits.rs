//! What an answer says of what is left of a limit.

use std::time::Duration;

use jiff::tz::TimeZone;
use salesdash_value::{Decimal, Instant, Value, number, zone};

use super::answer::{Answer, MAX_WAIT, until};
use crate::definition::http::{Limits, ResetFormat};

/// How long no further request may be made, as the headers of an answer say. `None` where there is something left, or they say nothing.
#[must_use]
pub fn hold(limits: Option<&Limits>, answer: &Answer, at: Instant) -> Option<Duration> {
    let declared = limits.into_iter().flat_map(|limits| &limits.headers).filter_map(|headers| {
        let remaining = number::parse(answer.header(&headers.remaining)?)?;
        if remaining > Decimal::ZERO {
            return None;
        }
        let zone = headers.timezone.as_ref().and_then(|name| zone::get(&name.0)).unwrap_or(TimeZone::UTC);
        let reset = headers.reset.as_ref().and_then(|name| answer.header(name));
        let wait = reset.and_then(|reset| until(&Value::text(reset), headers.format.unwrap_or(ResetFormat::DeltaSeconds), &zone, at));
        Some(wait.unwrap_or(Duration::from_millis(headers.period_ms.0.into())))
    });
    declared.chain(standard(answer)).max().map(|wait| wait.min(MAX_WAIT))
}

/// The header `RateLimit` of the IETF: `"default";r=0;t=30`, and the form before it, `limit=100, remaining=0, reset=30`.
fn standard(answer: &Answer) -> Option<Duration> {
    let header = answer.header("ratelimit")?;
    let (mut remaining, mut reset) = (None, None);
    for part in header.split([';', ',']) {
        let Some((name, value)) = part.trim().split_once('=') else { continue };
        let value = value.trim().parse::<u64>().ok();
        match name.trim() {
            "r" | "remaining" => remaining = value,
            "t" | "reset" => reset = value,
            _ => {}
        }
    }
    (remaining? == 0).then(|| Duration::from_secs(reset.unwrap_or(1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::http::LimitHeaders;
    use crate::definition::read::{Read, Reading};
    use salesdash_value::json;

    fn check(limits: &str, headers: &[(&str, &str)], expected_ms: Option<u64>) {
        let value = json::parse(limits.as_bytes(), json::Limits::DEFAULT).expect("JSON");
        let headers_rule = Vec::<LimitHeaders>::read(&mut Reading::default(), &value, "").expect("limits");
        let limits = Limits { rates: Vec::new(), concurrency: crate::definition::read::Whole(4), headers: headers_rule };
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let answer = Answer { status: 200, headers, body: Value::Null, is_json: true };
        let at = "2026-03-01T12:00:00Z".parse().expect("an instant");
        assert_eq!(hold(Some(&limits), &answer, at), expected_ms.map(Duration::from_millis), "{headers:?}", headers = answer.headers);
    }

    #[test]
    fn what_is_left_is_read_in_every_format() {
        let one = |format: &str| format!(r#"[{{"remaining":"X-Left","reset":"X-Reset","format":"{format}","period_ms":5000}}]"#);
        check(&one("delta_seconds"), &[("x-left", "3"), ("x-reset", "10")], None);
        check(&one("delta_seconds"), &[("x-left", "0"), ("x-reset", "10")], Some(10_000));
        check(&one("delta_milliseconds"), &[("x-left", "0"), ("x-reset", "1500")], Some(1_500));
        check(&one("epoch_seconds"), &[("x-left", "0"), ("x-reset", "1772366430")], Some(30_000));
        check(&one("epoch_milliseconds"), &[("x-left", "0"), ("x-reset", "1772366400250")], Some(250));
        check(&one("iso"), &[("x-left", "0"), ("x-reset", "2026-03-01T13:00:20+01:00")], Some(20_000));
        check(&one("http_date"), &[("x-left", "0"), ("x-reset", "Sun, 01 Mar 2026 12:00:07 GMT")], Some(7_000));
        // What cannot be read, and what lies in the past.
        check(&one("delta_seconds"), &[("x-left", "0"), ("x-reset", "soon")], Some(5_000));
        check(&one("epoch_seconds"), &[("x-left", "0"), ("x-reset", "1772366000")], Some(0));
        check(&one("delta_seconds"), &[("x-left", "0"), ("x-reset", "999999999")], Some(24 * 3_600_000));
    }

    #[test]
    fn the_standard_header_is_always_read() {
        check("[]", &[("RateLimit", r#""default";r=0;t=30"#)], Some(30_000));
        check("[]", &[("RateLimit", r#""default";r=5;t=30"#)], None);
        check("[]", &[("ratelimit", "limit=100, remaining=0, reset=12")], Some(12_000));
        check("[]", &[], None);
    }
}
