//! Building requests.

use salesdash_value::{Instant, Text, Value, datetime, json};
use url::Url;

use super::hosts::Allowed;
use super::variables::{Asking, Given, in_request};
use crate::definition::http::Http;
use crate::definition::read::Fields;
use crate::definition::request::{Body, Method, RequestTemplate};
use crate::definition::value::{self, UrlPath};
use crate::request::text_of;

/// The longest URL that is asked, in bytes.
pub const MAX_URL_BYTES: usize = 16 * 1024;

/// A request, ready to be sent.
#[derive(Clone, PartialEq)]
pub struct Outgoing {
    /// The method.
    pub method: Method,
    /// The address.
    pub url: Url,
    /// Headers, each name once.
    pub headers: Vec<(Text, Text)>,
    /// The body.
    pub body: Option<Vec<u8>>,
    /// How long the answer may take.
    pub timeout_ms: u32,
    /// The largest answer that is read.
    pub max_answer_bytes: usize,
}

impl std::fmt::Debug for Outgoing {
    /// Method and host: everything else can hold secrets or personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method.name(), self.url.host_str().unwrap_or_default())
    }
}

impl Outgoing {
    /// Sets a header, in place of one of the same name.
    pub fn set_header(&mut self, name: &str, value: Text) {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((Text::new(name), value));
    }

    /// Sets a parameter of the query, in place of one of the same name.
    pub fn set_query(&mut self, name: &str, value: &str) {
        let others: Vec<(String, String)> = self
            .url
            .query_pairs()
            .filter(|(known, _)| known != name)
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        self.url.query_pairs_mut().clear().extend_pairs(others).append_pair(name, value);
    }
}

/// Why a request cannot be made: a sentence for the people who set up the connection. It holds no secret.
pub type Unmade = String;

/// The text of a value in a URL, a header or a form.
///
/// # Errors
/// Where it is a list or an object.
pub(crate) fn plain(value: &Value) -> Result<Text, Unmade> {
    match value {
        Value::Boolean(value) => Ok(Text::new(if *value { "true" } else { "false" })),
        Value::Datetime(instant) => Ok(datetime::rfc3339(*instant)),
        other => text_of(other).ok_or_else(|| format!("is {}, where a text or a number belongs", other.kind_name())),
    }
}

/// The fields that are not null; a list gives the field several times.
pub(crate) fn fields(given: &Fields<value::Given>, variables: &[Value], at: Instant, what: &str) -> Result<Vec<(Text, Text)>, Unmade> {
    let mut fields = Vec::with_capacity(given.0.len());
    for (name, given) in &given.0 {
        let value = given.evaluate(variables, at).map_err(|fault| format!("the {what} `{name}` cannot be computed: {}", fault.text))?;
        let mut add = |value: &Value| -> Result<(), Unmade> {
            if !value.is_null() {
                fields.push((name.clone(), plain(value).map_err(|problem| format!("the {what} `{name}` {problem}"))?));
            }
            Ok(())
        };
        match &value {
            Value::List(items) => items.iter().try_for_each(add)?,
            other => add(other)?,
        }
    }
    Ok(fields)
}

/// The text of a value that must be there.
pub(crate) fn required(given: &value::Given, variables: &[Value], at: Instant, what: &str) -> Result<Text, Unmade> {
    let value = given.evaluate(variables, at).map_err(|fault| format!("{what} cannot be computed: {}", fault.text))?;
    if value.is_empty() {
        return Err(format!("{what} is not set; fill in the settings of the provider"));
    }
    plain(&value).map_err(|problem| format!("{what} {problem}"))
}

/// The addresses that a connection may ask.
///
/// # Errors
/// Where the base URL cannot be computed or is none.
pub fn allowed(http: &Http, given: &Given, at: Instant) -> Result<Allowed, Unmade> {
    let text = required(&http.base_url, &in_request(given, &Asking::default()), at, "the base URL")?;
    let url = Url::parse(&text).map_err(|error| format!("the base URL is not a URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err("the base URL must begin with `https://`".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the base URL must hold no user name or password".to_owned());
    }
    Ok(Allowed::new(url, http.allowed_hosts.clone()))
}

/// A request as the template says, without credentials.
///
/// # Errors
/// Where something in it cannot be computed, or its host is not allowed.
pub fn build(
    http: &Http,
    template: &RequestTemplate,
    given: &Given,
    asking: &Asking,
    allowed: &Allowed,
    at: Instant,
) -> Result<Outgoing, Unmade> {
    let variables = in_request(given, asking);
    let mut url = address(template.path.as_ref(), allowed, &variables, at)?;
    if !allowed.allows(&url) {
        return Err(format!("`{}` is not among the allowed hosts of the definition", url.host_str().unwrap_or_default()));
    }
    let query = fields(&template.query, &variables, at, "parameter")?;
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    }
    if url.as_str().len() > MAX_URL_BYTES {
        return Err(format!("the URL is longer than {MAX_URL_BYTES} bytes"));
    }
    let mut outgoing = Outgoing {
        method: template.method.unwrap_or(if template.body.is_some() { Method::Post } else { Method::Get }),
        url,
        headers: Vec::new(),
        body: None,
        timeout_ms: http.timeout_ms.0,
        max_answer_bytes: http.max_answer_kb.0 as usize * 1024,
    };
    if let Some(body) = &template.body {
        let (content_type, bytes) = body_bytes(body, &variables, at)?;
        outgoing.headers.push((Text::new_static("Content-Type"), Text::new_static(content_type)));
        outgoing.body = Some(bytes);
    }
    set_headers(&mut outgoing, &http.headers, &variables, at)?;
    set_headers(&mut outgoing, &template.headers, &variables, at)?;
    Ok(outgoing)
}

/// Sets headers as a definition gives them.
pub(crate) fn set_headers(outgoing: &mut Outgoing, given: &Fields<value::Given>, variables: &[Value], at: Instant) -> Result<(), Unmade> {
    for (name, value) in fields(given, variables, at, "header")? {
        if name.bytes().any(|byte| !byte.is_ascii_alphanumeric() && !b"!#$%&'*+-.^_`|~".contains(&byte)) {
            return Err(format!("`{name}` is not the name of a header"));
        }
        if value.bytes().any(|byte| byte < 0x20 || byte == 0x7f) {
            return Err(format!("the header `{name}` holds a line break or another control character"));
        }
        outgoing.set_header(&name, value);
    }
    Ok(())
}

/// Characters that a segment of a path keeps.
const SEGMENT: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@').remove(b':').remove(b',');

fn address(path: Option<&UrlPath>, allowed: &Allowed, variables: &[Value], at: Instant) -> Result<Url, Unmade> {
    let computed = match path {
        Some(UrlPath::Computed(expression)) => {
            let value = expression.evaluate(variables, at).map_err(|fault| format!("the path cannot be computed: {}", fault.text))?;
            Some(text_of(&value).unwrap_or_default())
        }
        _ => None,
    };
    let whole = match path {
        Some(UrlPath::Text(text)) => Some(text),
        _ => computed.as_ref(),
    };
    if let Some(text) = whole.filter(|text| text.starts_with("https://") || text.starts_with("http://")) {
        return Url::parse(text).map_err(|error| format!("the path is not a URL: {error}"));
    }
    let tail = match path {
        None => String::new(),
        Some(UrlPath::Text(_) | UrlPath::Computed(_)) => whole.map_or("", |text| text.trim_start_matches('/')).to_owned(),
        Some(UrlPath::Segments(segments)) => {
            let mut parts = Vec::with_capacity(segments.len());
            for segment in segments {
                let text = required(segment, variables, at, "a segment of the path")?;
                // A segment of dots would lead up.
                if matches!(text.as_str(), "." | "..") {
                    return Err("a segment of the path must not be `.` or `..`".to_owned());
                }
                parts.push(percent_encoding::utf8_percent_encode(&text, SEGMENT).to_string());
            }
            parts.join("/")
        }
    };
    if tail.is_empty() {
        return Ok(allowed.base().clone());
    }
    let base = allowed.base();
    let (tail, query) = tail.split_once('?').map_or((tail.as_str(), None), |(tail, query)| (tail, Some(query)));
    let mut url = base.clone();
    url.set_path(&format!("{}/{tail}", base.path().trim_end_matches('/')));
    if let Some(query) = query {
        url.set_query(Some(query));
    }
    Ok(url)
}

fn body_bytes(body: &Body, variables: &[Value], at: Instant) -> Result<(&'static str, Vec<u8>), Unmade> {
    let failed = |fault: salesdash_language::diagnostics::Fault| format!("the body cannot be computed: {}", fault.text);
    Ok(match body {
        Body::Json(body) => {
            let value = body.content.evaluate(variables, at).map_err(failed)?;
            ("application/json", json::to_string(&value).into_bytes())
        }
        Body::Form(body) => ("application/x-www-form-urlencoded", form(&fields(&body.fields, variables, at, "field")?)),
        Body::Graphql(body) => {
            let query = required(&body.query, variables, at, "the GraphQL query")?;
            let mut object = vec![(Text::new_static("query"), Value::Text(query))];
            let mut given = Vec::with_capacity(body.variables.0.len());
            for (name, tree) in &body.variables.0 {
                let value = tree.evaluate(variables, at).map_err(failed)?;
                if !value.is_null() {
                    given.push((name.clone(), value));
                }
            }
            if !given.is_empty() {
                object.push((Text::new_static("variables"), Value::Object(given.into())));
            }
            if let Some(operation) = &body.operation {
                object.push((Text::new_static("operationName"), Value::Text(operation.clone())));
            }
            ("application/json", json::to_string(&Value::Object(object.into())).into_bytes())
        }
    })
}

/// A form.
#[must_use]
pub fn form(fields: &[(Text, Text)]) -> Vec<u8> {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    form.finish().into_bytes()
}

/// A text with every secret in it made unreadable.
#[must_use]
pub fn redact(text: &str, secrets: &[Text]) -> String {
    let mut forms: Vec<String> = Vec::with_capacity(secrets.len());
    for secret in secrets {
        forms.push(secret.to_string());
        // As it stands in an address, in a form, and in JSON.
        let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        if encoded != secret.as_str() {
            forms.extend([encoded.replace('+', "%20"), encoded.to_ascii_lowercase(), encoded]);
        }
        let quoted = json::to_string(&Value::Text(secret.clone()));
        let quoted = quoted.trim_matches('"');
        if quoted != secret.as_str() {
            forms.push(quoted.to_owned());
        }
    }
    forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    let mut redacted = text.to_owned();
    for form in &forms {
        if redacted.contains(form.as_str()) {
            redacted = redacted.replace(form.as_str(), "•••");
        }
    }
    redacted
}
