//! Values that a definition computes: literals, dotted paths, and the pure expressions of the processor language.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use jiff::tz::TimeZone;
use salesdash_language::check::check_expression;
use salesdash_language::diagnostics::{Fault, Severity};
use salesdash_language::effect::NoState;
use salesdash_language::evaluate::{Budgets, Context};
use salesdash_language::identity::IdentityKey;
use salesdash_language::plan::Plan;
use salesdash_language::types::{Shape, Type};
use salesdash_value::{Instant, Text, Value};
use salesdash_vocabulary::vocabulary;

use super::read::{About, Read, Reading};
use crate::path::Path;

/// A variable that the expressions of a place can use.
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub docs: &'static str,
}

/// The variables that expressions of one kind of place can use.
pub trait Scope: Clone + fmt::Debug + PartialEq {
    /// The name of the kind of place, in a reference.
    const NAME: &'static str;
    /// The variables. The values are given in this order.
    const VARIABLES: &'static [Variable];
    /// The variable that a bare path starts from.
    const ROOT: usize = 0;
}

macro_rules! scope {
    ($(#[doc = $doc:literal])* $name:ident = $title:literal from $root:literal { $($variable:ident: $docs:literal),* $(,)? }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name;

        impl Scope for $name {
            const NAME: &'static str = $title;
            const VARIABLES: &'static [Variable] = &[$(Variable { name: stringify!($variable), docs: $docs }),*];
            const ROOT: usize = $root;
        }
    };
}

scope! {
    /// What goes into a request.
    InRequest = "request" from 0 {
        settings: "The settings of the connection, by name. Secrets are among them.",
        connection: "The fields captured when the connection was made, such as the account's own address; and, while the credentials are \
                     applied, `access_token`, or `session_token` of a login.",
        source: "The settings of the source, by name. Null outside a poll.",
        page: "Where in the paging the request stands: `number`, `offset`, `cursor`, `size`, and `index` (from 0). On the first page \
               `cursor` is null.",
        since: "The lower bound of the time asked for, as the poll's `incremental.written` says. Null on a first run that takes everything.",
        until: "The upper bound of the time asked for. Null where the poll has no window.",
        partition: "The value or the record that the poll goes through one after the other. Null where there are none.",
        id: "What an enrichment is asked for: the value that its reference gave.",
        ids: "A batch of them, as a list.",
    }
}

scope! {
    /// What goes into a request for each item of a list.
    InItem = "item of a request" from 0 {
        settings: "As in a *request*, and so are those that follow.",
        connection: "",
        source: "",
        page: "",
        since: "",
        until: "",
        partition: "",
        id: "",
        ids: "",
        item: "The item.",
    }
}

scope! {
    /// What is made of a record.
    OfRecord = "record" from 0 {
        record: "The record.",
        envelope: "What the record came in: the body of the answer or of the delivery, or the item of an array body.",
        headers: "The headers of the delivery or answer, lower case, with `_` for `-`: `headers.x_event`.",
        partition: "The value or the record of the poll's partition. Null where there are none.",
        settings: "The settings of the connection, by name, without the secrets.",
        source: "The settings of the source, by name, without the secrets.",
        connection: "The fields captured when the connection was made.",
    }
}

scope! {
    /// What is made of an answer.
    OfAnswer = "answer" from 0 {
        body: "The body of the answer; null where it is not JSON.",
        status: "The HTTP status, as a number.",
        headers: "The headers, lower case, with `_` for `-`: `headers.retry_after`.",
        page: "Where in the paging the request stood: see *request*.",
        count: "How many records the answer held. 0 where none are looked for.",
    }
}

/// A compiled expression over the variables of a scope.
#[derive(Clone)]
pub struct Expression<S> {
    source: Value,
    plan: Arc<Plan>,
    ty: Type,
    scope: PhantomData<S>,
}

impl<S> PartialEq for Expression<S> {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl<S> fmt::Debug for Expression<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&salesdash_value::json::to_string(&self.source))
    }
}

impl<S: Scope> Expression<S> {
    fn compile(reading: &mut Reading, node: &Value, pointer: &str) -> Option<Self> {
        let types = S::VARIABLES.iter().map(|variable| {
            let ty = match variable.name {
                "settings" => reading.settings.clone(),
                "source" => reading.source.clone(),
                "connection" => reading.connection.clone(),
                _ => Type::ANY,
            };
            (variable.name, ty)
        });
        let checked = check_expression(node, vocabulary(), &types.collect::<Vec<_>>());
        let mut sound = true;
        // What is only possibly wrong depends on what the vendor sends: it is told where it happens.
        for diagnostic in checked.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error) {
            sound = false;
            reading.problems.add(format!("{pointer}{}", diagnostic.pointer), format!("{} ({})", diagnostic.text, diagnostic.code.code));
        }
        sound.then(|| Self { source: node.clone(), plan: checked.plan, ty: checked.ty, scope: PhantomData })
    }

    /// Its value over the values of the scope's variables, in their order.
    ///
    /// # Errors
    /// Where there is none; the message names what was missing, and holds no value.
    pub fn evaluate(&self, variables: &[Value], at: Instant) -> Result<Value, Fault> {
        self.plan.evaluate_expression(
            variables,
            &Context {
                tenant: 0,
                provider: 0,
                at,
                timezone: &TimeZone::UTC,
                country: None,
                key: &IdentityKey::new(IdentityKey::DEVELOPMENT.as_bytes()),
                constants: &[],
                state: &NoState,
                budgets: Budgets::DEFAULT,
            },
        )
    }
}

/// A value of a request: a literal, or an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// A text, number, boolean, or list of such.
    Literal(Value),
    /// An expression.
    Computed(Expression<InRequest>),
}

impl Given {
    /// Its value.
    ///
    /// # Errors
    /// As [`Expression::evaluate`].
    pub fn evaluate(&self, variables: &[Value], at: Instant) -> Result<Value, Fault> {
        match self {
            Self::Literal(value) => Ok(value.clone()),
            Self::Computed(expression) => expression.evaluate(variables, at),
        }
    }
}

impl Read for Given {
    fn read(reading: &mut Reading, value: &Value, pointer: &str) -> Option<Self> {
        match value {
            Value::Object(_) => Expression::compile(reading, value, pointer).map(Self::Computed),
            _ => Some(Self::Literal(value.clone())),
        }
    }

    fn describe(_about: &mut About) -> String {
        "[value](#values)".to_owned()
    }
}

/// What is taken from a record or an answer: a dotted path, or an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Picked<S> {
    /// A path, from the record or from the body of the answer.
    Path(Path),
    /// An expression.
    Computed(Expression<S>),
}

impl<S: Scope> Picked<S> {
    /// Its value; null where the path leads nowhere.
    ///
    /// # Errors
    /// As [`Expression::evaluate`].
    pub fn evaluate(&self, variables: &[Value], at: Instant) -> Result<Value, Fault> {
        match self {
            Self::Path(path) => Ok(path.find(&variables[S::ROOT]).cloned().unwrap_or_default()),
            Self::Computed(expression) => expression.evaluate(variables, at),
        }
    }
}

impl<S: Scope> Read for Picked<S> {
    fn read(reading: &mut Reading, value: &Value, pointer: &str) -> Option<Self> {
        match value {
            Value::Object(_) => Expression::compile(reading, value, pointer).map(Self::Computed),
            Value::Text(_) => Path::read(reading, value, pointer).map(Self::Path),
            other => {
                reading.problems.add(pointer, format!("this must be a dotted path or an expression, not {}", other.kind_name()));
                None
            }
        }
    }

    fn describe(_about: &mut About) -> String {
        format!("[pick](#picks) from the {}", S::NAME)
    }
}

/// An expression that is true or false.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition<S>(Expression<S>);

impl<S: Scope> Condition<S> {
    /// Whether it holds. What cannot be told, since something is missing, does not hold.
    #[must_use]
    pub fn holds(&self, variables: &[Value], at: Instant) -> bool {
        matches!(self.0.evaluate(variables, at), Ok(Value::Boolean(true)))
    }
}

impl<S: Scope> Read for Condition<S> {
    fn read(reading: &mut Reading, value: &Value, pointer: &str) -> Option<Self> {
        reading.problems.node(value, pointer)?;
        let expression = Expression::compile(reading, value, pointer)?;
        if !matches!(expression.ty.shape, Shape::Boolean | Shape::Any) {
            reading.problems.add(pointer, "a condition must be true or false; compare it with something");
            return None;
        }
        Some(Self(expression))
    }

    fn describe(_about: &mut About) -> String {
        format!("[condition](#conditions) over the {}", S::NAME)
    }
}

/// The key that marks a computed value inside a JSON body.
pub const COMPUTED: &str = "$value";
/// The key that marks a list that is made of another one, item by item.
pub const EACH: &str = "$each";
/// Beside [`EACH`]: what is made of an item.
pub const ITEM: &str = "$item";

/// A JSON body with computed values in it.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree<S = InRequest> {
    /// As it stands.
    Literal(Value),
    /// A computed value.
    Computed(Expression<S>),
    /// A list made of another one: of each of its items the same.
    Each(Expression<S>, Box<Tree<InItem>>),
    /// An object.
    Object(Vec<(Text, Self)>),
    /// A list.
    List(Vec<Self>),
}

impl<S: Scope> Tree<S> {
    /// The body. Where a computed value is null, its key or item is left out.
    ///
    /// # Errors
    /// As [`Expression::evaluate`].
    pub fn evaluate(&self, variables: &[Value], at: Instant) -> Result<Value, Fault> {
        Ok(self.part(variables, at)?.unwrap_or_default())
    }

    fn part(&self, variables: &[Value], at: Instant) -> Result<Option<Value>, Fault> {
        Ok(match self {
            Self::Literal(value) => Some(value.clone()),
            Self::Computed(expression) => Some(expression.evaluate(variables, at)?).filter(|value| !value.is_null()),
            Self::Each(list, tree) => {
                let given = list.evaluate(variables, at)?;
                let items = match &given {
                    Value::Null => return Ok(None),
                    Value::List(items) => items.to_vec(),
                    one => vec![one.clone()],
                };
                // The variables of a request, and the item; within an item, the inner one.
                let mut inner: Vec<Value> = variables[..InRequest::VARIABLES.len()].to_vec();
                inner.push(Value::Null);
                let mut made = Vec::with_capacity(items.len());
                for item in items {
                    inner[InRequest::VARIABLES.len()] = item;
                    made.extend(tree.part(&inner, at)?);
                }
                Some(Value::list(made))
            }
            Self::Object(fields) => {
                let mut object = Vec::with_capacity(fields.len());
                for (key, tree) in fields {
                    object.extend(tree.part(variables, at)?.map(|value| (key.clone(), value)));
                }
                Some(Value::Object(object.into()))
            }
            Self::List(items) => {
                let mut list = Vec::with_capacity(items.len());
                for tree in items {
                    list.extend(tree.part(variables, at)?);
                }
                Some(Value::list(list))
            }
        })
    }

    /// A list that is made of another one.
    fn each(reading: &mut Reading, list: &Value, value: &Value, pointer: &str) -> Option<Self> {
        let Some(item) = value.get(ITEM).filter(|_| value.as_object().is_some_and(|fields| fields.len() == 2)) else {
            reading.problems.add(pointer, format!("an object with `{EACH}` has `{ITEM}` beside it, and no other key"));
            return None;
        };
        let place = format!("{pointer}/{EACH}");
        let list = Expression::compile(reading, list, &place);
        if list.as_ref().is_some_and(|list| !matches!(list.ty.shape, Shape::Array(_) | Shape::Any)) {
            reading.problems.add(&place, "this must be a list: something is made of each of its items");
            return None;
        }
        let item = Tree::read(reading, item, &format!("{pointer}/{ITEM}"));
        Some(Self::Each(list?, Box::new(item?)))
    }
}

impl<S: Scope> Read for Tree<S> {
    fn read(reading: &mut Reading, value: &Value, pointer: &str) -> Option<Self> {
        match value {
            Value::Object(fields) => match (value.get(COMPUTED), value.get(EACH), value.get(ITEM)) {
                (Some(node), None, None) if fields.len() == 1 => {
                    Expression::compile(reading, node, &format!("{pointer}/{COMPUTED}")).map(Self::Computed)
                }
                (Some(_), ..) => {
                    reading.problems.add(pointer, format!("`{COMPUTED}` must be the only key of its object"));
                    None
                }
                (None, Some(list), _) => Self::each(reading, list, value, pointer),
                (None, None, Some(_)) => {
                    reading.problems.add(pointer, format!("`{ITEM}` stands beside `{EACH}`, which says of what list"));
                    None
                }
                (None, None, None) => {
                    let read: Vec<_> = fields
                        .iter()
                        .map(|(key, value)| {
                            let pointer = format!("{pointer}/{}", salesdash_language::diagnostics::escape(key));
                            Some((key.clone(), Self::read(reading, value, &pointer)?))
                        })
                        .collect();
                    read.into_iter().collect::<Option<_>>().map(Self::Object)
                }
            },
            Value::List(items) => {
                let read: Vec<_> =
                    items.iter().enumerate().map(|(index, item)| Self::read(reading, item, &format!("{pointer}/{index}"))).collect();
                read.into_iter().collect::<Option<_>>().map(Self::List)
            }
            _ => Some(Self::Literal(value.clone())),
        }
    }

    fn describe(_about: &mut About) -> String {
        "[JSON with computed values](#json-with-computed-values)".to_owned()
    }
}

/// A path of a URL: text that is taken as it stands, its segments, each of which is escaped, or a text that is computed.
#[derive(Clone, Debug, PartialEq)]
pub enum UrlPath {
    /// Text, such as `/crm/v3/objects/deals`.
    Text(Text),
    /// Segments: literals and computed values.
    Segments(Vec<Given>),
    /// A text that is computed whole, and taken as it stands.
    Computed(Expression<InRequest>),
}

impl Read for UrlPath {
    fn read(reading: &mut Reading, value: &Value, pointer: &str) -> Option<Self> {
        match value {
            Value::Text(text) => Some(Self::Text(text.clone())),
            Value::List(_) => Vec::read(reading, value, pointer).map(Self::Segments),
            Value::Object(_) => Expression::compile(reading, value, pointer).map(Self::Computed),
            other => {
                let text = format!("a path is a string, a list of its segments, or an expression, not {}", other.kind_name());
                reading.problems.add(pointer, text);
                None
            }
        }
    }

    fn describe(_about: &mut About) -> String {
        "[URL path](#url-paths)".to_owned()
    }
}
