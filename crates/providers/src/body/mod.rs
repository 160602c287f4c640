//! From the bytes of a webhook to records: JSON or a form, with limits, arrays taken apart.
//!
//! What is accepted here is accepted whole: a body of which any part cannot become a record is refused, so that the sender learns of
//! it and nothing is lost in silence.

mod error;
mod form;
mod records;

use salesdash_value::Value;
use salesdash_value::json::{self, Limits as JsonLimits};

pub use error::BodyError;
pub use records::{BodyRules, Received, ReceivedRecord};

/// What a body may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyLimits {
    /// Bytes in all.
    pub bytes: usize,
    /// Nesting of lists and objects.
    pub depth: usize,
    /// Values in all, lists and objects counted too.
    pub values: usize,
    /// Records that it can be taken apart into.
    pub records: usize,
}

impl BodyLimits {
    /// What a webhook may send where the operator says nothing else: 5 MiB, 64 levels, 250,000 values, 10,000 records.
    pub const DEFAULT: Self = Self { bytes: 5 * 1024 * 1024, depth: 64, values: 250_000, records: 10_000 };
}

impl Default for BodyLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What a body was read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyFormat {
    /// `application/json` and its kin.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
}

/// Reads a body as one value. The content type decides where it says something; a missing, vague or plainly wrong one (as `curl -d`
/// sends) is overruled by what the bytes look like.
///
/// # Errors
/// Where it is neither JSON nor a form, or over a limit.
pub fn parse(content_type: Option<&str>, body: &[u8], limits: &BodyLimits) -> Result<(Value, BodyFormat), BodyError> {
    if body.len() > limits.bytes {
        return Err(BodyError::TooLarge { limit_bytes: limits.bytes });
    }
    let content = trim_start(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body));
    if content.is_empty() {
        return Err(BodyError::Empty);
    }
    let format = format_of(content_type, content)?;
    let value = match format {
        BodyFormat::Json => parse_json(content, limits)?,
        BodyFormat::Form => form::parse(content, limits)?,
    };
    Ok((value, format))
}

fn trim_start(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(bytes.len());
    &bytes[start..]
}

fn format_of(content_type: Option<&str>, content: &[u8]) -> Result<BodyFormat, BodyError> {
    let media = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let opens_json = matches!(content.first(), Some(b'{' | b'['));
    if media.starts_with("multipart/") {
        return Err(BodyError::UnreadFormat { format: "a multipart form" });
    }
    if media.contains("json") || opens_json {
        return Ok(BodyFormat::Json);
    }
    if media == "application/x-www-form-urlencoded" {
        return Ok(BodyFormat::Form);
    }
    if content.first() == Some(&b'<') {
        return Err(BodyError::UnreadFormat { format: "XML or HTML" });
    }
    let is_token = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'{' | b'}');
    let trimmed = content.trim_ascii_end();
    Ok(if trimmed.contains(&b'=') && trimmed.iter().all(is_token) { BodyFormat::Form } else { BodyFormat::Json })
}

fn parse_json(content: &[u8], limits: &BodyLimits) -> Result<Value, BodyError> {
    json::parse(content, JsonLimits { depth: limits.depth, nodes: limits.values }).map_err(|error| {
        // Why it failed is told from the bytes: whatever comes first would end the reading.
        let (depth, values) = measure(content);
        if std::str::from_utf8(content).is_err() {
            BodyError::NotUtf8
        } else if depth > limits.depth {
            BodyError::TooDeep { limit: limits.depth }
        } else if values > limits.values {
            BodyError::TooManyValues { limit: limits.values }
        } else {
            BodyError::NotJson { line: error.line, column: error.column, problem: error.text }
        }
    })
}

/// How deep JSON nests, and how many values it holds at the least, without reading it.
fn measure(content: &[u8]) -> (usize, usize) {
    let (mut depth, mut deepest, mut values) = (0usize, 0usize, 1usize);
    let (mut in_text, mut escaped) = (false, false);
    for byte in content {
        match (in_text, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_text = !in_text,
            (true, _) => {}
            (false, b'[' | b'{') => {
                depth += 1;
                deepest = deepest.max(depth);
                values += 1;
            }
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            (false, b',') => values += 1,
            _ => {}
        }
    }
    (deepest, values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content_type: Option<&str>, body: &str, expected: Result<&str, &str>) {
        let limits = BodyLimits { bytes: 200, depth: 4, values: 20, records: 5 };
        let read =
            parse(content_type, body.as_bytes(), &limits).map(|(value, _)| json::to_string(&value)).map_err(|error| error.to_string());
        assert_eq!(read.as_deref().map_err(String::as_str), expected, "{content_type:?} {body}");
    }

    #[test]
    fn json_is_read_whatever_it_is_called() {
        let json = r#"{"a":1.50}"#;
        let plain = Ok(r#"{"a":1.5}"#);
        for content_type in [
            Some("application/json"),
            Some("application/json; charset=utf-8"),
            Some("APPLICATION/VND.API+JSON"),
            Some("text/plain"),
            Some("application/x-www-form-urlencoded"),
            Some("nonsense"),
            None,
        ] {
            check(content_type, json, plain);
            check(content_type, &format!("\u{feff} \r\n{json}\n"), plain);
        }
    }

    #[test]
    fn a_form_is_read_and_loses_nothing() {
        let form = Some("application/x-www-form-urlencoded; charset=UTF-8");
        check(form, "a=1&b=x+y%21&a=2&&c&d[e]=%C3%A9", Ok(r#"{"a":["1","2"],"b":"x y!","c":"","d[e]":"é"}"#));
        check(None, "a=1&b=2", Ok(r#"{"a":"1","b":"2"}"#));
        check(Some("text/plain"), "name=Jo", Ok(r#"{"name":"Jo"}"#));
        check(form, "a=%ff", Err("The body is not UTF-8 text. Have the sender send UTF-8."));
        let many: String = (0..21).map(|index| format!("k{index}=&")).collect();
        check(form, &many, Err("The body holds more than 20 values, the most that one delivery may hold."));
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        check(None, "", Err("The body is empty. A delivery must be JSON or a form."));
        check(None, " \n", Err("The body is empty. A delivery must be JSON or a form."));
        check(Some("application/json"), "{\"a\":}", Err("The body is not JSON: expected value at line 1, column 6."));
        check(Some("application/json"), "a=1", Err("The body is not JSON: expected value at line 1, column 1."));
        check(
            Some("multipart/form-data; boundary=x"),
            "--x",
            Err("The body is a multipart form, which is not read here. Have the sender send JSON."),
        );
        check(Some("text/xml"), "<a/>", Err("The body is XML or HTML, which is not read here. Have the sender send JSON."));
        check(None, "[[[[[]]]]]", Err("The body is nested more than 4 levels deep, the most that is read."));
        check(
            None,
            "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]",
            Err("The body holds more than 20 values, the most that one delivery may hold."),
        );
        check(None, &" ".repeat(201), Err("The body is larger than 200 bytes, the most that one delivery may be."));
    }

    #[test]
    fn bytes_that_are_not_text_are_refused_as_such() {
        let read = |bytes: &[u8]| parse(Some("application/json"), bytes, &BodyLimits::DEFAULT).map(|_| ());
        assert_eq!(read(b"{\"a\":\"\xe9\"}"), Err(BodyError::NotUtf8));
        assert_eq!(read(b"\xff\xfe{\0}\0"), Err(BodyError::NotUtf8));
    }
}
