//! A vendor that is played from data: tables of records, the way it pages and filters them, how it wants to be asked, and what goes wrong.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use salesdash_value::{Value, json};

use crate::consent::Consent;
use crate::control;
use crate::server::{Asked, Reply, Server};

/// How a list is paged.
#[derive(Clone, Debug)]
pub enum Pages {
    /// One page holds all.
    None,
    /// A field of the JSON body holds a cursor; the answer holds the next one at a path.
    CursorInBody {
        /// The field.
        field: &'static str,
        /// Where the next one goes.
        next: &'static str,
    },
    /// A parameter holds the number of the page, from 1.
    Number {
        /// The parameter.
        parameter: &'static str,
    },
    /// The answer holds the whole URL of the next page at a path.
    NextUrl {
        /// The path.
        next: &'static str,
    },
}

/// A list of records, at a path.
#[derive(Clone, Debug)]
pub struct List {
    /// Where it is asked for.
    pub path: &'static str,
    /// The table.
    pub table: &'static str,
    /// Where the records go in the answer.
    pub records: &'static str,
    /// How many to a page.
    pub size: usize,
    /// How it is paged.
    pub pages: Pages,
    /// The field of the JSON body, or the parameter of the query, with a lower bound, and the field of the record that is held against it. Records come
    /// in its order.
    pub since: Option<(&'static str, &'static str)>,
    /// The status of its answers.
    pub status: u16,
}

/// What answers requests by code: nothing, where it does not know the request.
type Route = Box<dyn FnMut(&Asked) -> Option<Reply> + Send>;

/// What is scripted.
#[derive(Default)]
struct Script {
    tables: HashMap<String, Vec<Value>>,
    lists: Vec<List>,
    /// One record by the last segment of the path: the beginning of the path, the table, where it goes.
    ones: Vec<(&'static str, &'static str, &'static str)>,
    /// Several records by a list of ids in a parameter: path, table, parameter, where they go.
    several: Vec<(&'static str, &'static str, &'static str, &'static str)>,
    fixed: HashMap<String, Reply>,
    /// What answers by code, by the beginning of the path.
    routes: Vec<(String, Route)>,
    /// What goes wrong next, by the beginning of the path.
    faults: Vec<(String, VecDeque<Reply>)>,
    /// Access tokens that are accepted; all where there are none.
    tokens: Option<Vec<String>>,
    /// The refresh token that is accepted, once.
    refresh: Option<String>,
    renewals: u32,
    /// The page on which people grant access, where it is played.
    consent: Option<Consent>,
    /// Beginnings of paths whose requests wait.
    held: Vec<String>,
    asked: Vec<Asked>,
}

/// A vendor, played on a free port of this machine until it is dropped.
pub struct Vendor {
    server: Server,
    played: Played,
}

/// What is played, for those who answer and for those who direct.
#[derive(Clone, Default)]
pub(crate) struct Played {
    script: Arc<Mutex<Script>>,
    changed: Arc<Condvar>,
}

impl Vendor {
    /// A vendor that knows nothing yet.
    #[must_use]
    pub fn start() -> Self {
        let played = Played::default();
        let answering = played.clone();
        Self { server: Server::start(Arc::new(move |asked| answering.answer(asked))), played }
    }

    /// A vendor that is directed over HTTP, below `/control/`: for tests in other programs.
    #[must_use]
    pub fn directed() -> Self {
        let played = Played::default();
        let answering = played.clone();
        let answer = move |asked: &Asked| match asked.path.strip_prefix("/control/") {
            Some(what) => control::direct(&answering, what, asked),
            None => answering.answer(asked),
        };
        Self { server: Server::start(Arc::new(answer)), played }
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Sets a table: a JSON list of records.
    ///
    /// # Panics
    /// Where it is none.
    pub fn table(&self, name: &str, records: &str) {
        let value = json::parse(records.as_bytes(), json::Limits::DEFAULT).unwrap_or_else(|error| panic!("{error}: {records}"));
        self.played.table(name, value.as_list().expect("a list of records").to_vec());
    }

    /// Adds a list.
    pub fn list(&self, list: List) {
        self.played.script().lists.push(list);
    }

    /// Answers with one record of a table by the last segment of the path.
    pub fn one(&self, path: &'static str, table: &'static str, place: &'static str) {
        self.played.script().ones.push((path, table, place));
    }

    /// Answers with several records of a table by a list of ids in a parameter.
    pub fn several(&self, path: &'static str, table: &'static str, parameter: &'static str, place: &'static str) {
        self.played.script().several.push((path, table, parameter, place));
    }

    /// Answers a path always in one way.
    pub fn fixed(&self, path: &str, reply: Reply) {
        self.played.script().fixed.insert(path.to_owned(), reply);
    }

    /// Answers requests, whose path begins so, by code: for what no table says. Looked at after faults and tokens, and before everything else.
    pub fn route(&self, path: &str, route: impl FnMut(&Asked) -> Option<Reply> + Send + 'static) {
        self.played.script().routes.push((path.to_owned(), Box::new(route)));
    }

    /// Answers nothing by code any more.
    pub fn forget_routes(&self) {
        self.played.script().routes.clear();
    }

    /// Has the next requests, whose path begins so, go wrong in these ways.
    pub fn fault(&self, path: &str, replies: impl IntoIterator<Item = Reply>) {
        self.played.fault(path, replies);
    }

    /// Accepts these access tokens only.
    pub fn accept(&self, tokens: &[&str]) {
        self.played.accept(tokens.iter().map(|token| (*token).to_owned()));
    }

    /// Gives tokens at `/token`: an authorization code or this refresh token, which serves once, gives a new pair. `None`: refuses to.
    pub fn refresh_with(&self, token: Option<&str>) {
        self.played.script().refresh = token.map(ToOwned::to_owned);
    }

    /// Has people grant access in the browser: a page at `/authorize` with *Allow* and *Deny*. A code is then good only where it came from there, once, with
    /// the client, the address and the verifier that it was asked for with.
    pub fn ask_people(&self) {
        self.played.script().consent = Some(Consent::default());
    }

    /// What it was asked so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.played.asked()
    }

    /// How often a path was asked.
    #[must_use]
    pub fn count(&self, path: &str) -> usize {
        self.played.script().asked.iter().filter(|asked| asked.path.starts_with(path)).count()
    }

    /// Waits until a path was asked so often.
    pub fn wait_for(&self, path: &str, count: usize) {
        self.played.wait_for(path, count);
    }

    /// Forgets what it was asked.
    pub fn forget(&self) {
        self.played.script().asked.clear();
    }
}

impl Played {
    fn script(&self) -> MutexGuard<'_, Script> {
        lock(&self.script)
    }

    fn answer(&self, asked: &Asked) -> Reply {
        let mut script = self.script();
        script.asked.push(asked.clone());
        self.changed.notify_all();
        let is_held = |script: &mut Script| script.held.iter().any(|held| reaches(asked, held));
        let mut script = self.changed.wait_while(script, is_held).unwrap_or_else(PoisonError::into_inner);
        script.answer(asked)
    }

    pub(crate) fn table(&self, name: &str, records: Vec<Value>) {
        self.script().tables.insert(name.to_owned(), records);
    }

    pub(crate) fn fault(&self, path: &str, replies: impl IntoIterator<Item = Reply>) {
        self.script().faults.push((path.to_owned(), replies.into_iter().collect()));
    }

    /// Ends what goes wrong.
    pub(crate) fn mend(&self) {
        self.script().faults.clear();
    }

    pub(crate) fn accept(&self, tokens: impl IntoIterator<Item = String>) {
        self.script().tokens = Some(tokens.into_iter().collect());
    }

    /// Takes back every token that it gave.
    pub(crate) fn revoke(&self) {
        let mut script = self.script();
        script.tokens = Some(Vec::new());
        script.refresh = None;
    }

    /// Has requests whose path begins so wait.
    pub(crate) fn hold(&self, path: &str) {
        self.script().held.push(path.to_owned());
    }

    /// Lets those go on that wait.
    pub(crate) fn release(&self) {
        self.script().held.clear();
        self.changed.notify_all();
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.script().asked.clone()
    }

    pub(crate) fn wait_for(&self, path: &str, count: usize) {
        let few = |script: &mut Script| script.asked.iter().filter(|asked| asked.path.starts_with(path)).count() < count;
        drop(self.changed.wait_while(self.script(), few).unwrap_or_else(PoisonError::into_inner));
    }
}

/// Whether a request begins so: by its path, or by its path and query where the beginning has one.
fn reaches(asked: &Asked, beginning: &str) -> bool {
    match beginning.split_once('?') {
        Some((path, query)) => asked.path == path && asked.query.starts_with(query),
        None => asked.path.starts_with(beginning),
    }
}

fn lock(script: &Mutex<Script>) -> MutexGuard<'_, Script> {
    script.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Puts a value at a path.
fn placed(path: &str, value: Value) -> Value {
    if path.is_empty() {
        return value;
    }
    path.rsplit('.').fold(value, |value, step| Value::object([(step, value)]))
}

/// Both objects in one, all the way down.
fn merged(a: &Value, b: &Value) -> Value {
    match (a, b) {
        (Value::Object(ours), Value::Object(theirs)) => {
            let mut fields = ours.to_vec();
            for (name, value) in theirs.iter() {
                match fields.iter_mut().find(|(known, _)| known == name) {
                    Some((_, known)) => *known = merged(known, value),
                    None => fields.push((name.clone(), value.clone())),
                }
            }
            Value::Object(fields.into())
        }
        (_, b) => b.clone(),
    }
}

fn ok(value: &Value) -> Reply {
    Reply::json(200, json::to_string(value))
}

fn text_of(value: &Value) -> String {
    value.as_text().map_or_else(|| json::to_string(value), ToOwned::to_owned)
}

impl Script {
    fn answer(&mut self, asked: &Asked) -> Reply {
        let due = self.faults.iter_mut().find(|(path, replies)| reaches(asked, path) && !replies.is_empty());
        if let Some(reply) = due.and_then(|(_, replies)| replies.pop_front()) {
            return reply;
        }
        if asked.path == "/token" {
            let mut routes = self.routes.iter_mut().filter(|(path, _)| asked.path.starts_with(path.as_str()));
            let answer = routes.find_map(|(_, route)| route(asked));
            return answer.unwrap_or_else(|| self.token(asked));
        }
        if let Some(reply) = self.consent.as_mut().and_then(|consent| consent.answer(asked)) {
            return reply;
        }
        if let Some(tokens) = &self.tokens {
            let given = asked.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
            if !tokens.iter().any(|token| token == given) {
                return Reply::json(401, r#"{"error":{"message":"unauthorized"}}"#);
            }
        }
        let mut routes = self.routes.iter_mut().filter(|(path, _)| asked.path.starts_with(path.as_str()));
        if let Some(reply) = routes.find_map(|(_, route)| route(asked)) {
            return reply;
        }
        if let Some(reply) = self.fixed.get(&asked.path) {
            return reply.clone();
        }
        if let Some(list) = self.lists.iter().find(|list| list.path == asked.path).cloned() {
            return self.page(&list, asked);
        }
        let table = |name: &str| self.tables.get(name).cloned().unwrap_or_default();
        for (path, name, parameter, place) in &self.several {
            if asked.path == *path {
                let ids = asked.parameter(parameter).unwrap_or_default();
                let found = table(name)
                    .into_iter()
                    .filter(|record| ids.split(',').any(|id| record.get("id").is_some_and(|known| text_of(known) == id)));
                return ok(&placed(place, Value::list(found)));
            }
        }
        for (path, name, place) in &self.ones {
            if let Some(id) = asked.path.strip_prefix(path) {
                return match table(name).into_iter().find(|record| record.get("id").is_some_and(|known| text_of(known) == id)) {
                    Some(record) => ok(&placed(place, record)),
                    None => Reply::json(404, r#"{"error":{"message":"not found"}}"#),
                };
            }
        }
        Reply::json(404, r#"{"error":{"message":"no such path"}}"#)
    }

    fn page(&self, list: &List, asked: &Asked) -> Reply {
        let mut records = self.tables.get(list.table).cloned().unwrap_or_default();
        let body = json::parse(asked.body.as_bytes(), json::Limits::DEFAULT).unwrap_or_default();
        if let Some((parameter, field)) = list.since {
            let order = |record: &Value| record.get(field).map(text_of).unwrap_or_default();
            records.sort_by_key(order);
            let since = body.get(parameter).and_then(Value::as_text).map(ToOwned::to_owned).or_else(|| asked.parameter(parameter));
            if let Some(since) = since.filter(|since| !since.is_empty()) {
                // From that time on, this included.
                records.retain(|record| order(record) >= since);
            }
        }
        let start: usize = match &list.pages {
            Pages::None => 0,
            Pages::CursorInBody { field, .. } => body.get(field).map(text_of).and_then(|text| text.parse().ok()).unwrap_or(0),
            Pages::Number { parameter } => {
                let number: usize = asked.parameter(parameter).and_then(|text| text.parse().ok()).unwrap_or(1);
                (number.max(1) - 1) * list.size
            }
            Pages::NextUrl { .. } => asked.parameter("start").and_then(|text| text.parse().ok()).unwrap_or(0),
        };
        let size = if matches!(list.pages, Pages::None) { records.len() } else { list.size };
        let page: Vec<Value> = records.iter().skip(start).take(size).cloned().collect();
        let end = start + page.len();
        let mut answer = placed(list.records, Value::list(page));
        if end < records.len() {
            let next = match &list.pages {
                Pages::CursorInBody { next, .. } => Some(placed(next, Value::text(end.to_string()))),
                Pages::NextUrl { next } => Some(placed(next, Value::text(format!("{}?start={end}", list.path)))),
                Pages::None | Pages::Number { .. } => None,
            };
            if let Some(next) = next {
                answer = merged(&answer, &next);
            }
        }
        Reply::json(list.status, json::to_string(&answer))
    }

    /// The address that gives tokens: each refresh token serves once.
    fn token(&mut self, asked: &Asked) -> Reply {
        let by_code = asked.field("grant_type").as_deref() == Some("authorization_code")
            && self.consent.as_mut().is_none_or(|consent| consent.take(asked));
        let fits = by_code || (self.refresh.is_some() && asked.field("refresh_token") == self.refresh);
        if !fits {
            return Reply::json(400, r#"{"error":"invalid_grant"}"#);
        }
        self.renewals += 1;
        let (access, refresh) = (format!("access-{}", self.renewals), format!("refresh-{}", self.renewals));
        if let Some(tokens) = &mut self.tokens {
            *tokens = vec![access.clone()];
        }
        self.refresh = Some(refresh.clone());
        let answer = Value::object([
            ("access_token", Value::from(access.as_str())),
            ("refresh_token", Value::from(refresh.as_str())),
            ("expires_in", Value::from(3600)),
        ]);
        ok(&answer)
    }
}
