//! From one page to the next: bounded, and never in circles.

use salesdash_value::{Decimal, Text, Value, json, number};
use sha2::{Digest, Sha256};
use url::Url;

use super::answer::Answer;
use super::hosts::Allowed;
use crate::definition::paging::{Paging, Stop};
use crate::request::text_of;
use salesdash_value::Instant;

/// The longest cursor or link that is kept, in bytes.
pub const MAX_POSITION_BYTES: usize = 8 * 1024;

/// Where a run stands in the pages of an answer. It can be stored, and gone on from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Position {
    /// How many pages were read.
    pub index: u64,
    /// How many records were on them.
    pub records: u64,
    /// The cursor for the next page, where the paging has one.
    pub cursor: Value,
    /// The URL of the next page, where the paging has one.
    pub url: Option<Text>,
    /// A position that was passed, to find circles: Brent's way, which finds any with one remembered place.
    passed: Text,
    /// How many pages ago it was passed.
    since_passed: u64,
    /// After how many pages the next one is remembered.
    remember_at: u64,
}

/// What comes after a page.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// Nothing: that was the last page.
    Done,
    /// A further page.
    Page(Position),
    /// As many pages were read as one run may: the next run goes on here.
    Bound(Position),
    /// It cannot go on: a sentence that says why.
    Failed(String),
}

/// What was on a page.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'s> {
    /// The answer.
    pub answer: &'s Answer,
    /// The URL that was asked.
    pub url: &'s Url,
    /// How many records were on it, before any was left out.
    pub count: usize,
    /// The last of them.
    pub last: Option<&'s Value>,
}

impl Position {
    /// The variable `page` of a request for the page at this position.
    #[must_use]
    pub fn variable(&self, paging: Option<&Paging>) -> Value {
        let whole = |value: u64| Value::Number(Decimal::from(value));
        let size = paging.and_then(Paging::size);
        let first = match paging {
            Some(Paging::Page(page)) => u64::from(page.first.0),
            _ => 1,
        };
        let offset = u64::from(size.unwrap_or(0)).saturating_mul(self.index);
        Value::object([
            ("index", whole(self.index)),
            ("number", whole(first + self.index)),
            ("offset", whole(offset)),
            ("size", size.map_or(Value::Null, |size| whole(size.into()))),
            ("cursor", self.cursor.clone()),
        ])
    }

    /// What tells this position from others; empty where it cannot come back by itself.
    fn fingerprint(&self) -> Text {
        if self.cursor.is_null() && self.url.is_none() {
            return Text::default();
        }
        let mut hash = Sha256::new();
        hash.update(json::to_string(&self.cursor).as_bytes());
        hash.update(self.url.as_deref().unwrap_or_default().as_bytes());
        Text::new(hex::encode(&hash.finalize()[..16]))
    }

    /// The position as JSON.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let whole = |value: u64| Value::Number(Decimal::from(value));
        Value::object([
            ("index", whole(self.index)),
            ("records", whole(self.records)),
            ("cursor", self.cursor.clone()),
            ("url", self.url.clone().into()),
            ("passed", self.passed.clone().into()),
            ("since_passed", whole(self.since_passed)),
            ("remember_at", whole(self.remember_at)),
        ])
    }

    /// The position that [`Position::to_value`] gave.
    #[must_use]
    pub fn from_value(value: &Value) -> Self {
        let whole = |key: &str| value.get(key).and_then(Value::as_number).and_then(|number| u64::try_from(number).ok()).unwrap_or(0);
        let text = |key: &str| value.get(key).and_then(Value::as_text).map(Text::new);
        Self {
            index: whole("index"),
            records: whole("records"),
            cursor: value.get("cursor").cloned().unwrap_or_default(),
            url: text("url"),
            passed: text("passed").unwrap_or_default(),
            since_passed: whole("since_passed"),
            remember_at: whole("remember_at"),
        }
    }
}

/// Where a run goes on after a page. `pages` counts those of this run, the page just read included.
#[must_use]
pub fn next(paging: Option<&Paging>, position: &Position, seen: Seen<'_>, allowed: &Allowed, pages: u64, at: Instant) -> Next {
    let Some(paging) = paging else { return Next::Done };
    let mut next = Position {
        index: position.index + 1,
        records: position.records + seen.count as u64,
        cursor: Value::Null,
        url: None,
        ..position.clone()
    };
    let variables = seen.answer.variables(&position.variable(Some(paging)), seen.count);
    let stop = paging.stop();
    let told = stop.and_then(|stop| more(stop, &next, seen, &variables, at));
    if told == Some(false) {
        return Next::Done;
    }
    let ended = seen.count == 0 || (told.is_none() && paging.size().is_some_and(|size| seen.count < size as usize));
    match paging {
        Paging::Page(_) | Paging::Offset(_) if ended => return Next::Done,
        Paging::Page(_) | Paging::Offset(_) => {}
        Paging::Cursor(cursor) => match cursor.cursor.find(&seen.answer.body) {
            None => return Next::Done,
            Some(found) if found.is_empty() || matches!(found, Value::Boolean(_)) => return Next::Done,
            Some(found) => match text_of(found) {
                Some(text) if text.len() <= MAX_POSITION_BYTES => next.cursor = found.clone(),
                Some(_) => return Next::Failed(format!("the cursor for the next page is longer than {MAX_POSITION_BYTES} bytes")),
                None => {
                    return Next::Failed(format!(
                        "the cursor for the next page is {}, where a text or a number belongs",
                        found.kind_name()
                    ));
                }
            },
        },
        Paging::NextUrl(next_url) => match next_url.url.find(&seen.answer.body).and_then(Value::as_text).filter(|link| !link.is_empty()) {
            None => return Next::Done,
            Some(link) => match follow(allowed, seen.url, link) {
                Ok(url) => next.url = Some(url),
                Err(problem) => return Next::Failed(problem),
            },
        },
        Paging::LinkHeader(header) => {
            let relation = header.relation.as_ref().map_or("next", Text::as_str);
            match seen
                .answer
                .headers
                .iter()
                .filter(|(name, _)| name.eq_ignore_ascii_case("link"))
                .find_map(|(_, value)| link(value, relation))
            {
                None => return Next::Done,
                Some(link) => match follow(allowed, seen.url, &link) {
                    Ok(url) => next.url = Some(url),
                    Err(problem) => return Next::Failed(problem),
                },
            }
        }
        Paging::LastRecord(_) if ended => return Next::Done,
        Paging::LastRecord(last) => match seen.last.and_then(|record| last.field.find(record)).filter(|found| text_of(found).is_some()) {
            Some(found) => next.cursor = found.clone(),
            None => return Next::Failed(format!("the last record has nothing at `{}`, where the next page begins", last.field)),
        },
    }
    let fingerprint = next.fingerprint();
    if !fingerprint.is_empty() {
        if fingerprint == position.passed || fingerprint == position.fingerprint() {
            return Next::Failed("the vendor's pages go round in circles: a position came back that was there before".to_owned());
        }
        next.since_passed += 1;
        if next.since_passed >= next.remember_at {
            next.passed = fingerprint;
            next.since_passed = 0;
            next.remember_at = (next.remember_at * 2).max(1);
        }
    }
    if pages >= u64::from(paging.max_pages()) { Next::Bound(next) } else { Next::Page(next) }
}

fn follow(allowed: &Allowed, from: &Url, link: &str) -> Result<Text, String> {
    if link.len() > MAX_POSITION_BYTES {
        return Err(format!("the link to the next page is longer than {MAX_POSITION_BYTES} bytes"));
    }
    allowed.follow(from, link).map(|url| Text::new(url.as_str()))
}

/// Whether there is more, where the stop rule tells.
fn more(stop: &Stop, next: &Position, seen: Seen<'_>, variables: &[Value], at: Instant) -> Option<bool> {
    let body = &seen.answer.body;
    let count = |paths: &Option<crate::definition::read::Paths>| {
        let found = paths.as_ref()?.find(body)?;
        let count = match found {
            Value::Number(count) => *count,
            Value::Text(text) => number::parse(text)?,
            _ => return None,
        };
        u64::try_from(count).ok()
    };
    let by_rule = stop.when.as_ref().filter(|when| when.holds(variables, at)).map(|_| false);
    let by_more = || match stop.more.as_ref()?.find(body) {
        Some(Value::Boolean(more)) => Some(*more),
        Some(Value::Text(text)) if text == "true" || text == "false" => Some(text == "true"),
        Some(Value::Number(number)) => Some(!number.is_zero()),
        // Where nothing says that there is more, there is not.
        _ => Some(false),
    };
    let by_total = || count(&stop.total).map(|total| next.records < total && seen.count > 0);
    let by_pages = || count(&stop.total_pages).map(|total| next.index < total);
    by_rule.or_else(by_more).or_else(by_total).or_else(by_pages)
}

/// The link of a relation in a header `Link`: `<https://…>; rel="next", …`.
fn link(header: &str, relation: &str) -> Option<String> {
    let mut rest = header;
    while let Some(start) = rest.find('<') {
        let end = start + rest[start..].find('>')?;
        let url = &rest[start + 1..end];
        let after = &rest[end + 1..];
        let parameters = &after[..after.find(",<").or_else(|| after.find(", <")).unwrap_or(after.len())];
        let fits = parameters.split(';').filter_map(|parameter| parameter.trim().split_once('=')).any(|(name, value)| {
            let value = value.trim().trim_end_matches(',').trim_matches('"');
            name.trim().eq_ignore_ascii_case("rel") && value.split_ascii_whitespace().any(|each| each.eq_ignore_ascii_case(relation))
        });
        if fits {
            return Some(url.to_owned());
        }
        rest = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::read::{Read, Reading};

    fn parse(text: &str) -> Value {
        json::parse(text.as_bytes(), json::Limits::DEFAULT).expect("JSON")
    }

    fn paging(text: &str) -> Paging {
        Paging::read(&mut Reading::default(), &parse(text), "").expect("a paging")
    }

    /// Goes through pages, each given as headers, body and number of records; gives what the requests were for.
    fn walk(paging: &Paging, pages: &[(&str, &str, usize)]) -> Vec<String> {
        let base = Url::parse("https://api.example/v1/items").expect("a URL");
        let allowed = Allowed::new(base.clone(), Vec::new());
        let (mut position, mut steps) = (Position::default(), Vec::new());
        for (index, (link, body, count)) in pages.iter().enumerate() {
            let answer = Answer { status: 200, headers: vec![("Link".to_owned(), (*link).to_owned())], body: parse(body), is_json: true };
            let last = parse(&format!(r#"{{"id":"r{index}"}}"#));
            let seen = Seen { answer: &answer, url: &base, count: *count, last: Some(&last) };
            // A stored position reads back.
            assert_eq!(Position::from_value(&position.to_value()), position);
            match next(Some(paging), &position, seen, &allowed, index as u64 + 1, Instant::UNIX_EPOCH) {
                Next::Page(next) => {
                    let page = next.variable(Some(paging));
                    let get = |key: &str| page.get(key).and_then(text_of).unwrap_or_default();
                    let url = next.url.clone().unwrap_or_default();
                    steps.push(format!("{}/{}/{}{url}", get("number"), get("offset"), get("cursor")));
                    position = next;
                }
                Next::Done => {
                    steps.push("done".to_owned());
                    break;
                }
                Next::Bound(_) => {
                    steps.push("bound".to_owned());
                    break;
                }
                Next::Failed(text) => {
                    steps.push(text);
                    break;
                }
            }
        }
        steps
    }

    #[test]
    fn every_kind_goes_on_and_ends() {
        let page = paging(r#"{"type":"page","size":2}"#);
        assert_eq!(walk(&page, &[("", "{}", 2), ("", "{}", 2), ("", "{}", 1)]), ["2/2/", "3/4/", "done"]);
        let offset = paging(r#"{"type":"offset","size":2,"stop":{"total":"total"}}"#);
        assert_eq!(walk(&offset, &[("", r#"{"total":3}"#, 2), ("", r#"{"total":3}"#, 1)]), ["2/2/", "done"]);
        let more = paging(r#"{"type":"page","size":2,"first":0,"stop":{"more":"more"}}"#);
        assert_eq!(walk(&more, &[("", r#"{"more":true}"#, 1), ("", r#"{"more":false}"#, 2)]), ["1/2/", "done"]);
        let cursor = paging(r#"{"type":"cursor","cursor":["a.next","b"]}"#);
        assert_eq!(
            walk(&cursor, &[("", r#"{"a":{"next":"x"}}"#, 2), ("", r#"{"b":7}"#, 0), ("", r#"{"a":{"next":""}}"#, 2)]),
            ["2/0/x", "3/0/7", "done"]
        );
        let url = paging(r#"{"type":"next_url","url":"next"}"#);
        assert_eq!(
            walk(&url, &[("", r#"{"next":"/v1/items?p=2"}"#, 2), ("", r#"{"next":null}"#, 2)]),
            ["2/0/https://api.example/v1/items?p=2", "done"]
        );
        let header = paging(r#"{"type":"link_header"}"#);
        let link = r#"<https://api.example/v1/items?p=1>; rel="first", <https://api.example/v1/items?p=3,4>; rel="next last""#;
        assert_eq!(walk(&header, &[(link, "{}", 2), (r#"<x>; rel="prev""#, "{}", 2)]), ["2/0/https://api.example/v1/items?p=3,4", "done"]);
        let last = paging(r#"{"type":"last_record","field":"id","size":2}"#);
        assert_eq!(walk(&last, &[("", "{}", 2), ("", "{}", 1)]), ["2/2/r0", "done"]);
        assert_eq!(walk(&last, &[("", "{}", 0)]), ["done"]);
    }

    #[test]
    fn a_run_is_bounded_and_never_goes_round_in_circles() {
        let bounded = paging(r#"{"type":"page","size":1,"max_pages":2}"#);
        assert_eq!(walk(&bounded, &[("", "{}", 1), ("", "{}", 1)]), ["2/1/", "bound"]);
        let cursor = paging(r#"{"type":"cursor","cursor":"n"}"#);
        let same = ("", r#"{"n":"a"}"#, 1);
        assert!(walk(&cursor, &[same, same]).last().is_some_and(|step| step.contains("circles")));
        // A long way in, and then a circle of three.
        let bodies: Vec<String> =
            (0..40).map(|index| format!(r#"{{"n":"c{}"}}"#, if index < 10 { index } else { 10 + index % 3 })).collect();
        let pages: Vec<_> = bodies.iter().map(|body| ("", body.as_str(), 1)).collect();
        let steps = walk(&cursor, &pages);
        assert!(steps.last().is_some_and(|step| step.contains("circles")) && steps.len() < 30, "{steps:?}");
    }

    #[test]
    fn a_foreign_link_is_not_followed() {
        let url = paging(r#"{"type":"next_url","url":"next"}"#);
        let steps = walk(&url, &[("", r#"{"next":"https://evil.example/v1/items?p=2"}"#, 2)]);
        assert_eq!(
            steps,
            ["the link to the next page leads to `evil.example` by https, which is not among the allowed hosts; it was not followed"]
        );
    }
}
